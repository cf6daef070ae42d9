#include "types/geo.h"

#include <math.h>

enum { LEVELS = 26 };

#define EARTH_RADIUS_M 6372797.560856

static double radians(double degrees)
{
    return degrees * (M_PI / 180.0);
}

static double degrees(double radians)
{
    return radians / (M_PI / 180.0);
}

bool geo_is_valid(struct geo_point point)
{
    return point.longitude >= -GEO_LONGITUDE_MAX && point.longitude <= GEO_LONGITUDE_MAX &&
           point.latitude >= -GEO_LATITUDE_MAX && point.latitude <= GEO_LATITUDE_MAX;
}

/* ---- interleaving ---- */

/* Spreads 32 bits over the even ones of 64. */
static uint64_t spread(uint32_t bits)
{
    uint64_t x = bits;
    x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
    x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x | x << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    x = (x | x << 2) & UINT64_C(0x3333333333333333);
    return (x | x << 1) & UINT64_C(0x5555555555555555);
}

static uint32_t gather(uint64_t x)
{
    x &= UINT64_C(0x5555555555555555);
    x = (x | x >> 1) & UINT64_C(0x3333333333333333);
    x = (x | x >> 2) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    x = (x | x >> 4) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x | x >> 8) & UINT64_C(0x0000ffff0000ffff);
    return (uint32_t)(x | x >> 16);
}

/* The part of [-max, max], cut into 2^LEVELS, that a coordinate lies in. The
 * upper end itself is one part more: what scores of the reference say. */
static uint32_t part_of(double coordinate, double max)
{
    return (uint32_t)((coordinate + max) / (2 * max) * (double)(UINT64_C(1) << LEVELS));
}

static double middle_of(uint32_t part, double max)
{
    double parts = (double)(UINT64_C(1) << LEVELS);
    double low = -max + part / parts * 2 * max, high = -max + (part + 1) / parts * 2 * max;
    double middle = (low + high) / 2;
    return middle > max ? max : middle < -max ? -max : middle;
}

static uint64_t interleave(uint32_t x, uint32_t y)
{
    return spread(y) | spread(x) << 1;
}

double geo_score(struct geo_point point)
{
    return (double)interleave(part_of(point.longitude, GEO_LONGITUDE_MAX),
                              part_of(point.latitude, GEO_LATITUDE_MAX));
}

/* Of a score that is not a point's, what the reference makes of it: a negative
 * one is a two's complement, one beyond 64 bits has none or the highest alone. */
static uint64_t bits_of(double score)
{
    if (score >= 0x1p64) return 0;
    if (score >= 0) return (uint64_t)score;
    return score >= -0x1p63 ? (uint64_t)(int64_t)score : UINT64_C(1) << 63;
}

struct geo_point geo_point_of(double score)
{
    uint64_t bits = bits_of(score);
    return (struct geo_point){middle_of(gather(bits >> 1), GEO_LONGITUDE_MAX),
                              middle_of(gather(bits), GEO_LATITUDE_MAX)};
}

/* The standard cuts latitudes from 90 S to 90 N. */
void geo_print(double score, char text[GEO_TEXT_LEN])
{
    static const char alphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";
    struct geo_point point = geo_point_of(score);
    uint64_t bits = interleave(part_of(point.longitude, 180), part_of(point.latitude, 90));
    for (int i = 0; i < GEO_TEXT_LEN; i++) {
        int shift = 2 * LEVELS - 5 * (i + 1);
        text[i] = shift >= 0 ? alphabet[bits >> shift & 31] : alphabet[0];
    }
}

/* ---- distances ---- */

/* Along a meridian. */
static double latitude_distance(double a, double b)
{
    return EARTH_RADIUS_M * fabs(radians(b) - radians(a));
}

double geo_distance(struct geo_point a, struct geo_point b)
{
    double v = sin((radians(b.longitude) - radians(a.longitude)) / 2);
    if (v == 0) return latitude_distance(a.latitude, b.latitude);
    double u = sin((radians(b.latitude) - radians(a.latitude)) / 2);
    double h = u * u + cos(radians(a.latitude)) * cos(radians(b.latitude)) * v * v;
    return 2 * EARTH_RADIUS_M * asin(sqrt(h));
}

bool geo_contains(const struct geo_area *area, struct geo_point point, double *distance)
{
    if (!area->is_circle) {
        if (latitude_distance(point.latitude, area->middle.latitude) > area->height / 2) return false;
        struct geo_point beside = {area->middle.longitude, point.latitude};
        if (geo_distance(point, beside) > area->width / 2) return false;
    }
    *distance = geo_distance(area->middle, point);
    return !area->is_circle || *distance <= area->radius;
}

/* ---- covering ---- */

/* What a rectangle of degrees must at least reach, from the middle of an area:
 * everywhere around where it touches a pole. */
static void reach(const struct geo_area *area, double *longitude, double *latitude)
{
    double half_height = area->is_circle ? area->radius : area->height / 2;
    double half_width = area->is_circle ? area->radius : area->width / 2;
    *latitude = degrees(half_height / EARTH_RADIUS_M) * (1 + 1e-9) + 1e-9;
    *longitude = GEO_LONGITUDE_MAX;
    double furthest = fabs(area->middle.latitude) + *latitude;
    if (*latitude > 180) *latitude = 180; /* it may be infinite */
    if (furthest >= 90) return;
    /* A meridian is touched nearest to the pole. */
    double part = sin(half_width / (2 * EARTH_RADIUS_M)) / cos(radians(furthest));
    if (half_width >= M_PI * EARTH_RADIUS_M || part >= 1) return;
    double its = degrees(2 * asin(part)) * (1 + 1e-9) + 1e-9;
    if (its < GEO_LONGITUDE_MAX) *longitude = its;
}

/* The finest level at which an area spans no more than three cells either way. */
static int level_for(double longitude, double latitude)
{
    int level = LEVELS;
    while (level > 1 && (2 * GEO_LONGITUDE_MAX / (double)(1 << level) < longitude ||
                         2 * GEO_LATITUDE_MAX / (double)(1 << level) < latitude))
        level--;
    return level;
}

static struct geo_cell cell_at(uint32_t x, uint32_t y, int shift)
{
    uint64_t cell = interleave(x, y);
    return (struct geo_cell){(double)(cell << shift), (double)((cell + 1) << shift)};
}

int geo_cover(const struct geo_area *area, struct geo_cell cells[GEO_CELLS_MAX])
{
    double longitude, latitude;
    reach(area, &longitude, &latitude);
    int level = level_for(longitude, latitude), count = 0;
    int64_t parts = INT64_C(1) << level;
    double scale_x = (double)parts / (2 * GEO_LONGITUDE_MAX),
           scale_y = (double)parts / (2 * GEO_LATITUDE_MAX);
    int64_t x_first = (int64_t)floor((area->middle.longitude - longitude + GEO_LONGITUDE_MAX) * scale_x);
    int64_t x_last = (int64_t)floor((area->middle.longitude + longitude + GEO_LONGITUDE_MAX) * scale_x);
    int64_t y_first = (int64_t)floor((area->middle.latitude - latitude + GEO_LATITUDE_MAX) * scale_y);
    int64_t y_last = (int64_t)floor((area->middle.latitude + latitude + GEO_LATITUDE_MAX) * scale_y);
    if (y_first < 0) y_first = 0;
    if (y_last > parts) y_last = parts;
    if (x_last - x_first >= parts) x_last = x_first + parts - 1;
    int shift = 2 * (LEVELS - level);
    for (int64_t y = y_first; y <= y_last; y++)
        for (int64_t x = x_first; x <= x_last; x++) {
            int64_t around = (x % parts + parts) % parts;
            cells[count++] = cell_at((uint32_t)around, (uint32_t)y, shift);
            /* 180 E is where 180 W is, with a score of its own. */
            if (around == 0) cells[count++] = cell_at((uint32_t)parts, (uint32_t)y, shift);
        }
    return count;
}
