/* Which Redis this server behaves like, as INFO redis_version and messages
 * tell it, and which Tocsin it is. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define VERSION_REDIS  "7.2.4"
#define VERSION_TOCSIN "0.1.0"

#endif
