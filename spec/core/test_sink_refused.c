/*
 * sink.c when something is in the way: names that can not be used, folders that are missing or closed, disks
 * that are full or refuse. What the system can be made to refuse is refused by the system, the rest by
 * disk.h; each refusal has its sentence and leaves nothing behind.
 */
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include "sink_case.h"

/* A file system of 64 KiB over the folder, seen by this process only. False where that is not allowed. */
static bool mount_small(void) {
  return unshare(CLONE_NEWNS) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, "") == 0 &&
         mount("tmpfs", folder, "tmpfs", 0, "size=64k") == 0;
}

/* ---- what is in the way ---- */

#define NO_PLAIN_FILE "is taken by something that is not a plain file"
#define A_LINK "is a symbolic link; give the name it points to"

static void names_that_can_not_be_used(void **state) {
  (void)state;
  put_file("target", "target", 0600);
  assert_int_equal(0, symlink("target", in_folder("link")));
  assert_int_equal(0, symlink("nowhere", in_folder("dangling")));
  assert_int_equal(0, mkdir(in_folder("folder"), 0700));
  assert_int_equal(0, mkfifo(in_folder("fifo"), 0600));
  check_no_sink("", "must name a file");
  check_no_sink("/", "must name a file");
  check_no_sink(in_folder("folder/"), "must name a file");
  check_no_sink(in_folder("new/"), "must name a file");
  check_no_sink(".", NO_PLAIN_FILE);
  check_no_sink("..", NO_PLAIN_FILE);
  check_no_sink("/dev/null", NO_PLAIN_FILE);
  check_no_sink(in_folder("folder"), NO_PLAIN_FILE);
  check_no_sink(in_folder("fifo"), NO_PLAIN_FILE);
  check_no_sink(in_folder("link"), A_LINK);
  check_no_sink(in_folder("dangling"), A_LINK);
  check_file("target", "target");
  assert_int_equal(-1, access(in_folder("nowhere"), F_OK));
  assert_int_equal(5, count_entries(NULL));
}

static void missing_body(void) {
  put_file("file", "", 0600);
  check_no_sink(in_folder("missing/a"), "the folder does not exist");
  check_no_sink(in_folder("file/a"), "the folder does not exist");
  assert_int_equal(0, unlink(in_folder("file")));
}

static void a_folder_that_is_missing(void **state) {
  (void)state;
  run_both_ways(missing_body);
}

/* Commits must fail with that sentence, and leave nothing behind, not even until the sink is closed. */
static void check_no_commit(idv_sink *sink, const char *expected, int entries) {
  int before = count_entries(NULL);
  assert_false(idv_sink_commit(sink));
  assert_non_null(idv_sink_failure(sink));
  assert_string_equal(expected, idv_sink_failure(sink));
  if (count_entries(NULL) != entries) {
    fail_msg("%d entries are there after the failure, %d before, expected %d", count_entries(NULL), before,
             entries);
  }
  idv_sink_close(sink);
  assert_int_equal(entries, count_entries(NULL));
}

static void link_meanwhile_body(void) {
  put_file("target", "target", 0600);
  idv_sink *sink = open_sink("a");
  write_text(sink, "new");
  assert_int_equal(0, symlink("target", in_folder("a")));
  check_no_commit(sink, A_LINK, 2);
  check_file("target", "target");
  assert_int_equal(0, unlink(in_folder("a")));
  assert_int_equal(0, unlink(in_folder("target")));
}

static void a_link_that_was_put_there_meanwhile(void **state) {
  (void)state;
  run_both_ways(link_meanwhile_body);
}

static void folder_meanwhile_body(void) {
  idv_sink *sink = open_sink("a");
  write_text(sink, "new");
  assert_int_equal(0, mkdir(in_folder("a"), 0700));
  check_no_commit(sink, NO_PLAIN_FILE, 1);
  assert_int_equal(0, rmdir(in_folder("a")));
}

static void a_folder_that_was_put_there_meanwhile(void **state) {
  (void)state;
  run_both_ways(folder_meanwhile_body);
}

static void removed_body(void) {
  char outer[sizeof folder], name[256];
  assert_int_equal(0, mkdir(in_folder("inner"), 0700));
  snprintf(outer, sizeof outer, "%s", folder);
  snprintf(folder + strlen(folder), sizeof folder - strlen(folder), "/inner");
  idv_sink *sink = open_sink("a");
  if (count_entries(name) > 0) {
    assert_int_equal(0, unlink(in_folder(name)));
  }
  assert_int_equal(0, rmdir(folder));
  snprintf(folder, sizeof folder, "%s", outer);
  check_no_commit(sink, "the folder does not exist", 0);
}

static void a_folder_that_was_removed_meanwhile(void **state) {
  (void)state;
  run_both_ways(removed_body);
}

static void long_name_body(void) {
  char name[300];
  memset(name, 'n', sizeof name);
  name[255] = '\0';
  idv_sink *sink = open_sink(name);
  write_text(sink, "x");
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  check_file(name, "x");
  assert_int_equal(0, unlink(in_folder(name)));
  name[255] = 'n';
  name[256] = '\0';
  check_no_commit(open_sink(name), "the name is too long", 0);
}

static void the_longest_name(void **state) {
  (void)state;
  run_both_ways(long_name_body);
}

/* ---- who may not write ---- */

static void unwritable_body(void) {
  check_no_sink(in_folder("a"), "the folder can not be written to");
}

/* Root may write anywhere, so it becomes somebody else for a while. */
static void a_folder_that_can_not_be_written_to(void **state) {
  (void)state;
  bool is_root = geteuid() == 0;
  assert_int_equal(0, chmod(folder, 0555));
  if (is_root && seteuid(65534) != 0) {
    print_message("root could not become somebody else\n");
    skip();
  }
  run_both_ways(unwritable_body);
  assert_int_equal(0, is_root ? seteuid(0) : 0);
  assert_int_equal(0, chmod(folder, 0700));
  assert_int_equal(0, count_entries(NULL));
}

static void file_of_somebody_else_body(void) {
  put_file("a", "old", 0444);
  idv_sink *sink = open_sink("a");
  write_text(sink, "new");
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  check_file("a", "new");
  assert_int_equal(0, unlink(in_folder("a")));
}

static void a_file_that_may_only_be_read_is_replaced_all_the_same(void **state) {
  (void)state;
  run_both_ways(file_of_somebody_else_body);
}

static void no_descriptors_body(void) {
  struct rlimit before, none;
  assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
  none = before;
  none.rlim_cur = (rlim_t)next_descriptor();
  assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
  const char *why = NULL;
  idv_sink *sink = idv_sink_open(in_folder("a"), &why);
  assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
  assert_null(sink);
  assert_string_equal("too many files are open", why);
  /* what is left in the folder is not looked at: valgrind makes the file and then says that it could not */
}

static void no_descriptor_is_left(void **state) {
  (void)state;
  run_both_ways(no_descriptors_body);
}

/* ---- a disk that refuses ---- */

static void limit_body(void) {
  static char bytes[10000];
  struct rlimit before, small;
  assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &before));
  small = before;
  small.rlim_cur = 5000;
  idv_sink *sink = open_sink("a");
  assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &small));
  bool is_written = idv_sink_write(sink, bytes, sizeof bytes);
  assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &before));
  assert_false(is_written);
  assert_string_equal("the file would be larger than the system allows", idv_sink_failure(sink));
  idv_sink_close(sink);
  assert_int_equal(0, count_entries(NULL));
}

static void a_file_larger_than_the_system_allows(void **state) {
  (void)state;
  void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
  run_both_ways(limit_body);
  signal(SIGXFSZ, before);
}

static void full_body(void) {
  static char block[4096];
  int blocks = 0;
  idv_sink *sink = open_sink("a");
  while (blocks < 100 && idv_sink_write(sink, block, sizeof block)) {
    blocks++;
  }
  assert_in_range(blocks, 1, 16);
  assert_string_equal("the disk is full", idv_sink_failure(sink));
  assert_true(idv_sink_restart(sink)); /* gives the room back */
  write_text(sink, "fits");
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  check_file("a", "fits");
  assert_int_equal(0, unlink(in_folder("a")));
  sink = open_sink("a");
  while (idv_sink_write(sink, block, sizeof block)) {
  }
  idv_sink_close(sink);
  assert_int_equal(0, count_entries(NULL));
}

static void a_full_disk(void **state) {
  (void)state;
  if (!mount_small()) {
    print_message("no small file system can be mounted here\n");
    skip();
  }
  run_both_ways(full_body);
}

static void read_only_body(void) {
  check_no_sink(in_folder("a"), "the file system is read-only");
}

static void a_disk_that_can_only_be_read(void **state) {
  (void)state;
  if (!mount_small()) {
    print_message("no small file system can be mounted here\n");
    skip();
  }
  assert_int_equal(0, mount("none", folder, "none", MS_REMOUNT | MS_RDONLY, ""));
  run_both_ways(read_only_body);
}

/* What each refusal is called. */
static const struct {
  int error;
  const char *sentence;
} refusals[] = {
    {ENOSPC, "the disk is full"},
    {EDQUOT, "the disk is full"},
    {EFBIG, "the file would be larger than the system allows"},
    {EROFS, "the file system is read-only"},
    {EACCES, "the folder can not be written to"},
    {EPERM, "the folder can not be written to"},
    {ENOENT, "the folder does not exist"},
    {ENOTDIR, "the folder does not exist"},
    {ENAMETOOLONG, "the name is too long"},
    {EISDIR, "the name belongs to a folder"},
    {EMFILE, "too many files are open"},
    {ENFILE, "too many files are open"},
    {EIO, "the file could not be written"},
};

static void refused_body(void) {
  for (size_t i = 0; i < COUNT_OF(refusals); i++) {
    disk.open_error = refusals[i].error;
    check_no_sink(in_folder("a"), refusals[i].sentence);
    disk.open_error = 0;
    idv_sink *sink = open_sink("a");
    disk.write_error = refusals[i].error;
    assert_false(idv_sink_write(sink, "x", 1));
    disk.write_error = 0;
    assert_string_equal(refusals[i].sentence, idv_sink_failure(sink));
    idv_sink_close(sink);
    assert_int_equal(0, count_entries(NULL));
  }
}

static void every_refusal_has_its_sentence(void **state) {
  (void)state;
  run_both_ways(refused_body);
}

static void commit_refused_body(void) {
  int *const errors[] = {&disk.fsync_error, &disk.rename_error, &disk.linkat_error};
  size_t count = disk.has_no_nameless ? 2 : 3; /* a named file needs no link */
  for (size_t i = 0; i < count; i++) {
    put_file("a", "old", 0600);
    idv_sink *sink = open_sink("a");
    write_text(sink, "new");
    *errors[i] = ENOSPC;
    check_no_commit(sink, "the disk is full", 1);
    *errors[i] = 0;
    check_file("a", "old");
    assert_int_equal(0, unlink(in_folder("a")));
  }
}

static void a_commit_that_fails_leaves_nothing_behind(void **state) {
  (void)state;
  run_both_ways(commit_refused_body);
}

static void a_folder_that_can_not_be_flushed_does_not_matter(void **state) {
  (void)state;
  idv_sink *sink = open_sink("a");
  disk.folder_error = EACCES;
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  check_file("a", "");
}

static void a_restart_that_fails_is_told(void **state) {
  (void)state;
  idv_sink *sink = open_sink("a");
  write_text(sink, "x");
  disk.ftruncate_error = EIO;
  assert_false(idv_sink_restart(sink));
  assert_string_equal("the file could not be written", idv_sink_failure(sink));
  idv_sink_close(sink);
}

static void the_failure_that_is_told_is_the_last(void **state) {
  (void)state;
  idv_sink *sink = open_sink("a");
  disk.write_error = ENOSPC;
  assert_false(idv_sink_write(sink, "x", 1));
  assert_string_equal("the disk is full", idv_sink_failure(sink));
  disk.write_error = EFBIG;
  assert_false(idv_sink_write(sink, "x", 1));
  assert_string_equal("the file would be larger than the system allows", idv_sink_failure(sink));
  disk.ftruncate_error = EROFS;
  assert_false(idv_sink_restart(sink));
  assert_string_equal("the file system is read-only", idv_sink_failure(sink));
  assert_false(idv_sink_commit(sink)); /* what was written is not whole */
  assert_string_equal("the file system is read-only", idv_sink_failure(sink));
  disk.ftruncate_error = 0;
  assert_true(idv_sink_restart(sink));
  disk.fsync_error = EIO;
  check_no_commit(sink, "the file could not be written", 0);
}

/* ---- temporary names ---- */

static void taken_body(void) {
  disk.taken = 15;
  idv_sink *sink = open_sink("a");
  write_text(sink, "x");
  assert_true(idv_sink_commit(sink));
  assert_int_equal(0, disk.taken);
  idv_sink_close(sink);
  check_file("a", "x");
  assert_int_equal(1, count_entries(NULL));
  assert_int_equal(0, unlink(in_folder("a")));
}

static void another_temporary_name_is_tried_when_one_is_taken(void **state) {
  (void)state;
  run_both_ways(taken_body);
}

static void after_many_names_that_are_taken_it_gives_up(void **state) {
  (void)state;
  idv_sink *sink = open_sink("a");
  disk.taken = 1000;
  check_no_commit(sink, "the file could not be written", 0);
  assert_null(strchr(disk.record, 'r')); /* nothing was there to be given the final name */
  disk = (disk_orders){.has_no_nameless = true, .taken = 1000};
  check_no_sink(in_folder("a"), "the file could not be written");
  assert_int_equal(0, count_entries(NULL));
}

/* ---- memory ---- */

static bool save(void *why) {
  idv_sink *sink = idv_sink_open(in_folder("a"), why);
  bool is_saved = sink != NULL && idv_sink_write(sink, "x", 1) && idv_sink_commit(sink);
  bool is_told = is_saved || (sink != NULL ? idv_sink_failure(sink) : *(const char **)why) != NULL;
  idv_sink_close(sink);
  assert_true(is_told);
  return is_saved;
}

static void starved_body(void) {
  const char *why = NULL;
  allocator_starve("saving a file", save, &why);
  check_file("a", "x");
  assert_int_equal(1, count_entries(NULL));
  assert_int_equal(0, unlink(in_folder("a")));
}

static void short_memory_is_told_and_loses_nothing(void **state) {
  (void)state;
  run_both_ways(starved_body);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(names_that_can_not_be_used),
      IN_FOLDER(a_folder_that_is_missing),
      IN_FOLDER(a_link_that_was_put_there_meanwhile),
      IN_FOLDER(a_folder_that_was_put_there_meanwhile),
      IN_FOLDER(a_folder_that_was_removed_meanwhile),
      IN_FOLDER(the_longest_name),
      IN_FOLDER(a_folder_that_can_not_be_written_to),
      IN_FOLDER(a_file_that_may_only_be_read_is_replaced_all_the_same),
      IN_FOLDER(no_descriptor_is_left),
      IN_FOLDER(a_file_larger_than_the_system_allows),
      IN_FOLDER(a_full_disk),
      IN_FOLDER(a_disk_that_can_only_be_read),
      IN_FOLDER(every_refusal_has_its_sentence),
      IN_FOLDER(a_commit_that_fails_leaves_nothing_behind),
      IN_FOLDER(a_folder_that_can_not_be_flushed_does_not_matter),
      IN_FOLDER(a_restart_that_fails_is_told),
      IN_FOLDER(the_failure_that_is_told_is_the_last),
      IN_FOLDER(another_temporary_name_is_tried_when_one_is_taken),
      IN_FOLDER(after_many_names_that_are_taken_it_gives_up),
      IN_FOLDER(short_memory_is_told_and_loses_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
