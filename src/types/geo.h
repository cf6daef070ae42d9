/* Points on the earth as scores of a sorted set: 26 bits of latitude and 26 of
 * longitude, interleaved, so that a square of any size is a range of scores
 * (Morton 1966; the geohash of Niemeyer 2008). The earth is a sphere.
 *
 * Degrees, metres. A cell of level n is one of 2^n by 2^n parts of the map, which
 * reaches from 180 W to 180 E and from GEO_LATITUDE_MAX south to north. */
#ifndef TYPES_GEO_H
#define TYPES_GEO_H

#include <stdbool.h>
#include <stdint.h>

#define GEO_LONGITUDE_MAX 180.0
#define GEO_LATITUDE_MAX  85.05112878

struct geo_point {
    double longitude, latitude;
};

bool geo_is_valid(struct geo_point point);

/* The score of the smallest cell that holds a point, and its middle. */
double geo_score(struct geo_point point);
struct geo_point geo_point_of(double score);

/* Along a great circle (haversine formula). */
double geo_distance(struct geo_point a, struct geo_point b);

/* The standard text of a geohash, 11 characters of which the last is 0. */
enum { GEO_TEXT_LEN = 11 };
void geo_print(double score, char text[GEO_TEXT_LEN]);

/* A circle, or a rectangle of a width and height, around a point. */
struct geo_area {
    struct geo_point middle;
    bool is_circle;
    double radius;
    double width, height;
};

/* Whether a point lies in the area; how far it is from the middle. */
bool geo_contains(const struct geo_area *area, struct geo_point point, double *distance);

/* The cells that together cover an area: at most GEO_CELLS_MAX half-open ranges
 * of scores. Returns how many. */
enum { GEO_CELLS_MAX = 16 };
struct geo_cell {
    double from, to;
};
int geo_cover(const struct geo_area *area, struct geo_cell cells[GEO_CELLS_MAX]);

#endif
