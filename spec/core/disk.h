/*
 * The system calls that the core gets in a test program: they do what they always do, unless a failure is
 * ordered, and keep a record of what makes a file safe (see disk.record).
 *
 * As in allocator.h, the functions here take the place of the C library's for the objects linked into the
 * program, and libraries keep their own.
 */
#ifndef IDV_SPEC_DISK_H
#define IDV_SPEC_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#define DISK_HIDDEN __attribute__((visibility("hidden")))

typedef struct disk_orders {
  bool has_no_nameless; /* the file system knows no O_TMPFILE */
  int taken;            /* so many of the names that are tried next are taken */
  int folder_error;     /* opening a folder for reading fails; these are numbers of errno.h, 0: no failure */
  int open_error;       /* opening anything else */
  int write_error;
  int fsync_error;
  int ftruncate_error;
  int linkat_error;
  int rename_error;
  int interrupts;         /* so many writes are interrupted before they begin */
  size_t most_at_a_time;  /* bytes that one write takes; 0: all */
  char folder_asked[256]; /* where a nameless file was asked for last */
  int range_error;        /* beginning to bring a range to the disk */
  int ranges;             /* how many were begun */
  off_t ranges_end;       /* where the last one ended; the next must follow it */
  char record[32];        /* 's' for each fsync, 'l' linkat, 'r' rename, in their order */
} disk_orders;

static disk_orders disk;

static inline void disk_note(char what) {
  size_t length = strlen(disk.record);
  if (length + 1 < sizeof disk.record) {
    disk.record[length] = what;
  }
}

/* Fails with that error when it is one. */
static inline bool disk_refuses(int error) {
  if (error != 0) {
    errno = error;
  }
  return error != 0;
}

/* Whether one of the names that are taken is spent on this attempt. */
static inline bool disk_is_taken(void) {
  return disk.taken > 0 && disk.taken-- > 0 && disk_refuses(EEXIST);
}

DISK_HIDDEN int open(const char *path, int flags, ...) {
  bool is_nameless = (flags & O_TMPFILE) == O_TMPFILE;
  bool is_folder = !is_nameless && (flags & O_DIRECTORY) != 0;
  bool is_new = !is_nameless && (flags & O_EXCL) != 0;
  mode_t mode = 0;
  if (is_nameless || (flags & O_CREAT) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  if (is_nameless) {
    snprintf(disk.folder_asked, sizeof disk.folder_asked, "%s", path);
  }
  if (disk_refuses(is_nameless && disk.has_no_nameless ? EOPNOTSUPP : 0) ||
      disk_refuses(is_folder ? disk.folder_error : disk.open_error) || (is_new && disk_is_taken())) {
    return -1;
  }
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

DISK_HIDDEN ssize_t write(int fd, const void *bytes, size_t length) {
  if (disk.interrupts > 0 && disk.interrupts-- > 0) {
    errno = EINTR;
    return -1;
  }
  bool is_cut = disk.most_at_a_time > 0 && length > disk.most_at_a_time;
  return disk_refuses(disk.write_error)
             ? -1
             : (ssize_t)syscall(SYS_write, fd, bytes, is_cut ? disk.most_at_a_time : length);
}

DISK_HIDDEN int fsync(int fd) {
  disk_note('s');
  return disk_refuses(disk.fsync_error) ? -1 : (int)syscall(SYS_fsync, fd);
}

DISK_HIDDEN int sync_file_range(int fd, off_t from, off_t length, unsigned flags) {
  CHECK("ranges leave no gap", from == disk.ranges_end);
  disk.ranges_end += length;
  disk.ranges++;
  return disk_refuses(disk.range_error) ? -1 : (int)syscall(SYS_sync_file_range, fd, from, length, flags);
}

DISK_HIDDEN int ftruncate(int fd, off_t length) {
  return disk_refuses(disk.ftruncate_error) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

DISK_HIDDEN int linkat(int old_fd, const char *old_path, int new_fd, const char *new_path, int flags) {
  disk_note('l');
  return disk_refuses(disk.linkat_error) || disk_is_taken()
             ? -1
             : (int)syscall(SYS_linkat, old_fd, old_path, new_fd, new_path, flags);
}

DISK_HIDDEN int rename(const char *old_path, const char *new_path) {
  disk_note('r');
  return disk_refuses(disk.rename_error)
             ? -1
             : (int)syscall(SYS_renameat2, AT_FDCWD, old_path, AT_FDCWD, new_path, 0);
}

#endif
