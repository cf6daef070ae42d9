/* Which Redis we behave like, and which Tocsin we are. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#define REDIS_VERSION  "7.2.4"
#define TOCSIN_VERSION "0.1.0"

#endif
