/*
 * What the tests of sink.c share: a folder for each test, which must be empty but for what the test expects,
 * and a way to run a test on a file system that knows nameless files and on one that does not.
 */
#ifndef IDV_SPEC_SINK_CASE_H
#define IDV_SPEC_SINK_CASE_H

#include <dirent.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "allocator.h"
#include "disk.h"
#include "sink.h"

/* ---- the folder of a test ---- */

static char folder[64];
static int descriptors_before;

/* How many entries a folder has. Writes the name of one of them into `name` (of 256 bytes), unless NULL. */
static inline int count_entries_of(const char *path, char *name) {
  int count = 0;
  DIR *listing = opendir(path);
  const struct dirent *entry;
  assert_non_null(listing);
  while ((entry = readdir(listing)) != NULL) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      count++;
      if (name != NULL) {
        snprintf(name, 256, "%s", entry->d_name);
      }
    }
  }
  closedir(listing);
  return count;
}

static inline int count_entries(char *name) {
  return count_entries_of(folder, name);
}

static inline int count_descriptors(void) {
  return count_entries_of("/proc/self/fd", NULL);
}

static inline int make_folder(void **state) {
  (void)state;
  disk = (disk_orders){.taken = 0};
  snprintf(folder, sizeof folder, "/tmp/idv-sink-XXXXXX");
  descriptors_before = count_descriptors();
  allocator_begin(NULL);
  return mkdtemp(folder) != NULL ? 0 : -1;
}

/* "folder/name"; valid for some calls. */
static inline const char *in_folder(const char *name) {
  static char paths[4][400];
  static unsigned last;
  char *path = paths[++last % COUNT_OF(paths)];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

/* Also after a test that failed half-way. Fails when the test left memory or descriptors behind. */
static inline int remove_folder(void **state) {
  char name[256];
  (void)state;
  disk = (disk_orders){.taken = 0};
  if (getuid() != geteuid() && seteuid(getuid()) != 0) {
    return -1;
  }
  while (umount2(folder, MNT_DETACH) == 0) { /* as long as something is mounted there */
  }
  while (count_entries(name) > 0) {
    if (remove(in_folder(name)) != 0) {
      return -1;
    }
  }
  bool is_all_given_back = allocator.live == 0 && count_descriptors() == descriptors_before;
  return rmdir(folder) == 0 && is_all_given_back ? 0 : -1;
}

static inline void put_file(const char *name, const char *content, mode_t mode) {
  int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_EXCL, 0600);
  assert_true(fd >= 0);
  assert_int_equal(strlen(content), write(fd, content, strlen(content)));
  assert_int_equal(0, fchmod(fd, mode));
  close(fd);
}

static inline void check_file(const char *name, const char *content) {
  char bytes[256] = "";
  int fd = open(in_folder(name), O_RDONLY);
  CHECK(name, fd >= 0);
  CHECK(name, read(fd, bytes, sizeof bytes - 1) == (ssize_t)strlen(content));
  assert_string_equal(content, bytes);
  close(fd);
}

static inline mode_t mode_of(const char *name) {
  struct stat status;
  assert_int_equal(0, lstat(in_folder(name), &status));
  return status.st_mode & 07777;
}

static inline int next_descriptor(void) {
  int fd = dup(STDIN_FILENO);
  close(fd);
  return fd;
}

static inline idv_sink *open_sink(const char *name) {
  const char *why = "unset";
  idv_sink *sink = idv_sink_open(in_folder(name), &why);
  CHECK(why != NULL ? why : "no reason", sink != NULL);
  assert_null(why);
  assert_null(idv_sink_failure(sink));
  return sink;
}

static inline void check_no_sink(const char *path, const char *expected) {
  const char *why = NULL;
  idv_sink *sink = idv_sink_open(path, &why);
  CHECK(path, sink == NULL);
  assert_non_null(why);
  assert_string_equal(expected, why);
}

static inline void write_text(idv_sink *sink, const char *text) {
  CHECK(text, idv_sink_write(sink, text, strlen(text)));
}

/* Runs the case with a nameless file and with a named one. */
static inline void run_both_ways(void (*body)(void)) {
  body();
  disk = (disk_orders){.has_no_nameless = true};
  body();
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

#endif
