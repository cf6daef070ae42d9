/* Files that must not be lost: writing all of something, having it on the disk,
 * putting a whole new file in the place of an old one. Functions that can fail
 * return false and leave errno. Any thread. */
#ifndef IO_FILE_H
#define IO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"

/* Writes all of it; what signals interrupt goes on. */
bool file_write(int fd, const void *data, size_t len);

/* Data, and as much of the metadata as is needed to read it, is on the disk. */
bool file_sync(int fd);

/* So is the directory's entry for this file. */
bool file_sync_dir(const char *path);

/* Gives a file the name of another, which is there no more; after a crash it is
 * the one or the other. The file must have been synced. */
bool file_replace(const char *temporary, const char *path);

/* As read(2); what signals interrupt goes on. */
ssize_t file_read_some(int fd, void *to, size_t room);

/* Small files as a whole. file_read_all and file_read append at most max_bytes,
 * and fail where there are more (EFBIG). */
bool file_read_all(int fd, size_t max_bytes, struct buffer *to);
bool file_read(const char *path, size_t max_bytes, struct buffer *to);

/* Makes the text the file's content, by way of a temporary file beside it: who
 * reads meanwhile finds the old content or the new one. Permissions stay. */
bool file_save(const char *path, struct slice text);

/* Size in bytes, -1 if it cannot be told. */
int64_t file_size(const char *path);

bool file_exists(const char *path);

/* A file being written from its begin to its end. With a step, so many bytes are
 * at most not on the disk yet: the kernel is not left with all of it at the end. */
struct file_writer {
    int fd;
    uint64_t written_bytes, step_bytes, synced_bytes;
};

/* Creates the file, or empties it. */
bool file_writer_open(struct file_writer *w, const char *path, uint64_t step_bytes);

/* As the flush of an rdb_writer (io/rdb.h); ctx is a struct file_writer. */
bool file_writer_flush(void *ctx, const char *data, size_t len);

/* Syncs and closes. The file is closed in any case. */
bool file_writer_close(struct file_writer *w);

#endif
