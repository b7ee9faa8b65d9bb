#include "private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wipe.h"

static const char *explain(int error) {
  switch (error) {
  case ENOENT:
  case ENOTDIR:
    return "does not exist";
  case EACCES:
  case EPERM:
    return "may not be read by you";
  case EISDIR:
    return "is a folder";
  default:
    return "can not be read";
  }
}

/* What speaks against believing in a file, or NULL. */
static const char *objection(const struct stat *facts) {
  if (S_ISDIR(facts->st_mode)) {
    return "is a folder";
  } else if (!S_ISREG(facts->st_mode)) {
    return "is not a plain file";
  } else if (facts->st_uid != geteuid() && facts->st_uid != 0) {
    return "belongs to somebody else";
  } else if ((facts->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return "can be read or changed by others: chmod 600 it";
  }
  return NULL;
}

static const char *read_all(int fd, idv_buffer *out) {
  char piece[1024];
  const char *why = NULL;
  ssize_t count = 1;
  while (why == NULL && count != 0) {
    count = read(fd, piece, sizeof piece);
    if (count < 0) {
      why = errno == EINTR ? NULL : explain(errno);
    } else if (!idv_buffer_append(out, piece, (size_t)count)) {
      why = "is too large";
    }
  }
  idv_wipe(piece, sizeof piece);
  return why;
}

const char *idv_private_file_read(const char *path, idv_buffer *out, bool *is_missing) {
  struct stat facts;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a pipe must not hold us up */
  *is_missing = fd < 0 && (errno == ENOENT || errno == ENOTDIR);
  if (fd < 0) {
    return explain(errno);
  }
  const char *why = fstat(fd, &facts) == 0 ? objection(&facts) : explain(errno);
  if (why == NULL) {
    why = read_all(fd, out);
  }
  close(fd);
  return why;
}
