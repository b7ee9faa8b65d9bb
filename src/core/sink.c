#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dice.h"

#define PLACES_TO_TRY 16

/*
 * After so many bytes the system is told to begin writing them to the disk. Left alone it may begin only when
 * it is asked to have done so, and then everybody waits until all of a report has gone there.
 */
#define AHEAD_STEP ((off_t)4 * 1024 * 1024)

struct idv_sink {
  int fd;
  char *folder;       /* "." when the path names none */
  char *path;         /* the final name */
  char *temporary;    /* the name the bytes have until they are complete; NULL while they have none */
  pid_t owner;        /* a forked child must not remove the parent's temporary file */
  off_t length;       /* written since the last restart */
  off_t ahead;        /* of that, what the system has been told to bring to the disk */
  bool is_incomplete; /* a write failed since the last restart */
  const char *failure;
};

static const char *explain(int error) {
  switch (error) {
  case ENOSPC:
  case EDQUOT:
    return "the disk is full";
  case EFBIG:
    return "the file would be larger than the system allows";
  case EROFS:
    return "the file system is read-only";
  case EACCES:
  case EPERM:
    return "the folder can not be written to";
  case ENOENT:
  case ENOTDIR:
    return "the folder does not exist";
  case ENAMETOOLONG:
    return "the name is too long";
  case EISDIR:
    return "the name belongs to a folder";
  case EMFILE:
  case ENFILE:
    return "too many files are open";
  default:
    return "the file could not be written";
  }
}

static bool fail(idv_sink *sink) {
  sink->failure = explain(errno);
  return false;
}

/* "folder" of "folder/name"; the caller frees it. */
static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL) {
    return strdup(".");
  }
  return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* A hidden name beside the final one; the caller frees it. */
static char *temporary_name(const idv_sink *sink) {
  const char *slash = strrchr(sink->path, '/');
  idv_dice dice;
  idv_dice_init(&dice, 0);
  unsigned number = (unsigned)(idv_dice_roll(&dice) * 4294967296.0);
  size_t room = strlen(sink->folder) + 64;
  char *name = malloc(room);
  if (name != NULL) {
    snprintf(name, room, "%s/.%.24s.%08x.part", sink->folder, slash != NULL ? slash + 1 : sink->path, number);
  }
  return name;
}

static int open_named(idv_sink *sink) {
  for (int i = 0; i < PLACES_TO_TRY; i++) {
    free(sink->temporary);
    sink->temporary = temporary_name(sink);
    if (sink->temporary == NULL) {
      return -1;
    }
    int fd = open(sink->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 || errno != EEXIST) {
      return fd;
    }
  }
  return -1;
}

/* A file without a name gets one through /proc in the end, so that has to be there. */
static int open_nameless(const idv_sink *sink) {
#ifdef O_TMPFILE
  if (access("/proc/self/fd", X_OK) == 0) {
    return open(sink->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  }
#else
  (void)sink;
#endif
  errno = EOPNOTSUPP;
  return -1;
}

static void forget_temporary(idv_sink *sink) {
  int error = errno; /* older C libraries let free change it */
  free(sink->temporary);
  sink->temporary = NULL;
  errno = error;
}

static bool open_file(idv_sink *sink) {
  sink->fd = open_nameless(sink);
  bool is_refused_for_good = errno == EACCES || errno == ENOENT || errno == ENOTDIR || errno == EROFS;
  if (sink->fd < 0 && !is_refused_for_good) {
    sink->fd = open_named(sink);
    if (sink->fd < 0) {
      forget_temporary(sink);
    }
  }
  return sink->fd >= 0 || fail(sink);
}

/* Why the final name can not be used, or NULL. */
static const char *objection_to(const char *path) {
  struct stat status;
  size_t length = strlen(path);
  if (length == 0 || path[length - 1] == '/') {
    return "must name a file";
  }
  if (lstat(path, &status) != 0 || S_ISREG(status.st_mode)) {
    return NULL;
  }
  return S_ISLNK(status.st_mode) ? "is a symbolic link; give the name it points to"
                                 : "is taken by something that is not a plain file";
}

static idv_sink *allocate(const char *path) {
  idv_sink *sink = calloc(1, sizeof *sink);
  if (sink == NULL) {
    return NULL;
  }
  sink->fd = -1;
  sink->owner = getpid();
  sink->path = strdup(path);
  sink->folder = folder_of(path);
  if (sink->path == NULL || sink->folder == NULL) {
    idv_sink_close(sink);
    return NULL;
  }
  return sink;
}

idv_sink *idv_sink_open(const char *path, const char **why) {
  *why = objection_to(path);
  if (*why != NULL) {
    return NULL;
  }
  idv_sink *sink = allocate(path);
  if (sink == NULL) {
    *why = "could not be prepared: out of memory";
    return NULL;
  }
  if (!open_file(sink)) {
    *why = sink->failure;
    idv_sink_close(sink);
    return NULL;
  }
  return sink;
}

/* Waits for room in the disk's queue at most. When it fails, all is left to the commit. */
static void write_ahead(idv_sink *sink) {
#ifdef SYNC_FILE_RANGE_WRITE
  if (sink->length - sink->ahead >= AHEAD_STEP) {
    sync_file_range(sink->fd, sink->ahead, sink->length - sink->ahead, SYNC_FILE_RANGE_WRITE);
    sink->ahead = sink->length;
  }
#else
  (void)sink;
#endif
}

bool idv_sink_write(idv_sink *sink, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(sink->fd, bytes, length);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      sink->is_incomplete = true;
      return fail(sink);
    }
    bytes += written;
    length -= (size_t)written;
    sink->length += written;
  }
  write_ahead(sink);
  return true;
}

bool idv_sink_restart(idv_sink *sink) {
  sink->length = sink->ahead = 0;
  sink->is_incomplete = ftruncate(sink->fd, 0) != 0 || lseek(sink->fd, 0, SEEK_SET) != 0;
  return !sink->is_incomplete || fail(sink);
}

size_t idv_sink_first(const idv_sink *sink, char edge[IDV_SINK_EDGE]) {
  ssize_t length = pread(sink->fd, edge, IDV_SINK_EDGE, 0);
  return length > 0 ? (size_t)length : 0;
}

size_t idv_sink_last(const idv_sink *sink, char edge[IDV_SINK_EDGE]) {
  off_t from = sink->length > IDV_SINK_EDGE ? sink->length - IDV_SINK_EDGE : 0;
  ssize_t length = pread(sink->fd, edge, IDV_SINK_EDGE, from);
  return length > 0 ? (size_t)length : 0;
}

uint64_t idv_sink_length(const idv_sink *sink) {
  return (uint64_t)sink->length;
}

/* Gives the nameless file a temporary name, which is what rename needs. */
static bool give_name(idv_sink *sink) {
  char source[64];
  snprintf(source, sizeof source, "/proc/self/fd/%d", sink->fd);
  for (int i = 0; i < PLACES_TO_TRY; i++) {
    char *name = temporary_name(sink);
    if (name == NULL) {
      return false;
    }
    if (linkat(AT_FDCWD, source, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0) {
      sink->temporary = name;
      return true;
    }
    free(name);
    if (errno != EEXIST) {
      return false;
    }
  }
  return false;
}

/* Makes the new name itself survive a crash. Some file systems can not; the file is complete all the same. */
static void flush_folder(const idv_sink *sink) {
  int fd = open(sink->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
}

static bool move_into_place(idv_sink *sink) {
  if (sink->temporary == NULL && !give_name(sink)) {
    return fail(sink);
  }
  const char *objection = objection_to(sink->path);
  if (objection != NULL) {
    sink->failure = objection;
    return false;
  }
  if (rename(sink->temporary, sink->path) != 0) {
    return fail(sink);
  }
  free(sink->temporary);
  sink->temporary = NULL;
  return true;
}

static void remove_temporary(idv_sink *sink) {
  if (sink->temporary != NULL && sink->owner == getpid()) {
    unlink(sink->temporary);
  }
  free(sink->temporary);
  sink->temporary = NULL;
}

bool idv_sink_commit(idv_sink *sink) {
  if (sink->is_incomplete) {
    return false;
  }
  bool is_in_place = fsync(sink->fd) == 0 ? move_into_place(sink) : fail(sink);
  if (!is_in_place) {
    remove_temporary(sink);
    return false;
  }
  flush_folder(sink);
  return true;
}

const char *idv_sink_failure(const idv_sink *sink) {
  return sink->failure;
}

void idv_sink_close(idv_sink *sink) {
  if (sink == NULL) {
    return;
  }
  remove_temporary(sink);
  if (sink->fd >= 0) {
    close(sink->fd);
  }
  free(sink->folder);
  free(sink->path);
  free(sink);
}
