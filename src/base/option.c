#include "base/option.h"

#include <stdarg.h>
#include <stdio.h>

bool option_refuse(struct buffer *reason, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buffer_clear(reason);
    buffer_append_text(reason, text);
    return false;
}
