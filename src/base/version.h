/* The Redis version whose behaviour this server has, as INFO redis_version
 * and messages tell it. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define VERSION_REDIS "7.2.4"

#endif
