/*
 * sink.c when nothing is in the way: a file appears whole or not at all, for its owner only, over the old one
 * in one step; and what becomes of it in a forked child and in a process that is killed. See also
 * test_sink_refused.c.
 */
#include <signal.h>
#include <sys/wait.h>

#include "sink_case.h"

/* ---- when all is well ---- */

static void whole_body(void) {
  idv_sink *sink = open_sink("report.pdf");
  write_text(sink, "some ");
  write_text(sink, "");
  write_text(sink, "bytes");
  assert_int_equal(-1, access(in_folder("report.pdf"), F_OK));
  assert_true(idv_sink_commit(sink));
  check_file("report.pdf", "some bytes");
  assert_int_equal(1, count_entries(NULL));
  assert_null(idv_sink_failure(sink));
  idv_sink_close(sink);
  check_file("report.pdf", "some bytes");
  assert_int_equal(0, unlink(in_folder("report.pdf")));
  assert_int_equal(0, count_entries(NULL));
}

static void a_file_appears_when_it_is_complete(void **state) {
  (void)state;
  run_both_ways(whole_body);
}

static void empty_body(void) {
  idv_sink *sink = open_sink("empty");
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  check_file("empty", "");
  assert_int_equal(0, unlink(in_folder("empty")));
}

static void an_empty_file_appears_too(void **state) {
  (void)state;
  run_both_ways(empty_body);
}

static void order_body(void) {
  disk.record[0] = '\0';
  idv_sink *sink = open_sink("a");
  write_text(sink, "x");
  assert_string_equal("", disk.record);
  assert_true(idv_sink_commit(sink));
  /* to the disk, then under its name, then the name to the disk */
  assert_string_equal(disk.has_no_nameless ? "srs" : "slrs", disk.record);
  idv_sink_close(sink);
}

static void the_bytes_are_on_the_disk_before_the_name_is(void **state) {
  (void)state;
  run_both_ways(order_body);
}

enum { MIB = 1024 * 1024 };

static void write_mib(idv_sink *sink, int count) {
  static const char piece[MIB / 64];
  for (int i = 0; i < count * 64; i++) {
    assert_true(idv_sink_write(sink, piece, sizeof piece));
  }
}

static void ahead_body(void) {
  idv_sink *sink = open_sink("large");
  write_mib(sink, 3);
  assert_int_equal(0, disk.ranges);
  write_mib(sink, 7);
  assert_int_equal(2, disk.ranges);
  assert_int_equal(8 * MIB, disk.ranges_end);
  assert_true(idv_sink_restart(sink));
  disk.ranges_end = 0;
  write_mib(sink, 4);
  assert_int_equal(4 * MIB, disk.ranges_end);
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  assert_int_equal(0, unlink(in_folder("large")));
}

static void a_large_file_goes_to_the_disk_as_it_comes_in(void **state) {
  (void)state;
  run_both_ways(ahead_body);
}

static void what_can_not_go_ahead_goes_with_the_commit(void **state) {
  (void)state;
  disk.range_error = ESPIPE;
  idv_sink *sink = open_sink("large");
  write_mib(sink, 9);
  assert_int_equal(2, disk.ranges);
  assert_null(idv_sink_failure(sink));
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
}

static void mode_body(void) {
  mode_t before = umask(0);
  idv_sink *sink = open_sink("new");
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  assert_int_equal(0600, mode_of("new"));
  assert_int_equal(0, unlink(in_folder("new")));
  put_file("old", "old", 0666);
  sink = open_sink("old");
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  assert_int_equal(0600, mode_of("old"));
  assert_int_equal(0, unlink(in_folder("old")));
  umask(before);
}

static void only_the_owner_may_read_it(void **state) {
  (void)state;
  run_both_ways(mode_body);
}

static void replaced_body(void) {
  char bytes[16] = "";
  put_file("a", "the old one", 0600);
  int old = open(in_folder("a"), O_RDONLY);
  idv_sink *sink = open_sink("a");
  write_text(sink, "new");
  check_file("a", "the old one");
  assert_true(idv_sink_commit(sink));
  check_file("a", "new");
  assert_int_equal(1, count_entries(NULL));
  assert_int_equal(11, read(old, bytes, sizeof bytes)); /* whoever has it open still reads all of it */
  assert_string_equal("the old one", bytes);
  close(old);
  idv_sink_close(sink);
  assert_int_equal(0, unlink(in_folder("a")));
}

static void a_file_of_that_name_is_replaced_in_one_step(void **state) {
  (void)state;
  run_both_ways(replaced_body);
}

static void abandoned_body(void) {
  put_file("a", "the old one", 0640);
  idv_sink *sink = open_sink("a");
  write_text(sink, "half");
  idv_sink_close(sink);
  check_file("a", "the old one");
  assert_int_equal(0640, mode_of("a"));
  assert_int_equal(1, count_entries(NULL));
  assert_int_equal(0, unlink(in_folder("a")));
}

static void what_is_not_committed_is_gone_and_the_old_file_is_as_it_was(void **state) {
  (void)state;
  run_both_ways(abandoned_body);
}

static void a_nameless_file_can_not_be_seen(void **state) {
  (void)state;
  idv_sink *sink = open_sink("a");
  write_text(sink, "half");
  assert_int_equal(0, count_entries(NULL));
  idv_sink_close(sink);
}

static void a_named_file_is_hidden_and_private(void **state) {
  char name[256];
  (void)state;
  mode_t before = umask(0);
  disk.has_no_nameless = true;
  idv_sink *sink = open_sink("report.pdf");
  umask(before);
  assert_int_equal(1, count_entries(name));
  assert_int_equal(0, strncmp(name, ".report.pdf.", strlen(".report.pdf.")));
  assert_string_equal(".part", name + strlen(name) - strlen(".part"));
  assert_int_equal(0600, mode_of(name));
  idv_sink_close(sink);
  assert_int_equal(0, count_entries(NULL));
}

static void inherited_body(void) {
  int fd = next_descriptor();
  idv_sink *sink = open_sink("a");
  assert_int_equal(FD_CLOEXEC, fcntl(fd, F_GETFD));
  idv_sink_close(sink);
}

static void no_program_that_the_host_starts_inherits_it(void **state) {
  (void)state;
  run_both_ways(inherited_body);
}

static void large_body(void) {
  enum { SIZE = 3 * 1024 * 1024 };
  struct stat status;
  uint64_t random = 59;
  char *bytes = malloc(SIZE), *read_back = malloc(SIZE);
  check_random_bytes(&random, NULL, bytes, SIZE);
  idv_sink *sink = open_sink("large");
  disk.interrupts = 3;
  disk.most_at_a_time = 100000;
  assert_true(idv_sink_write(sink, bytes, SIZE));
  disk.most_at_a_time = 0;
  assert_int_equal(0, disk.interrupts);
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  int fd = open(in_folder("large"), O_RDONLY);
  assert_int_equal(0, fstat(fd, &status));
  assert_int_equal(SIZE, status.st_size);
  assert_int_equal(SIZE, pread(fd, read_back, SIZE, 0));
  assert_int_equal(0, memcmp(bytes, read_back, SIZE));
  close(fd);
  free(bytes);
  free(read_back);
  assert_int_equal(0, unlink(in_folder("large")));
}

static void writes_that_are_cut_short_or_interrupted_are_carried_on(void **state) {
  (void)state;
  run_both_ways(large_body);
}

static void restart_body(void) {
  idv_sink *sink = open_sink("a");
  assert_true(idv_sink_restart(sink));
  write_text(sink, "a long first attempt");
  assert_true(idv_sink_restart(sink));
  write_text(sink, "2nd");
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  check_file("a", "2nd");
  sink = open_sink("a");
  write_text(sink, "a first attempt");
  assert_true(idv_sink_restart(sink));
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  check_file("a", "");
  assert_int_equal(0, unlink(in_folder("a")));
}

static void a_new_attempt_forgets_what_was_written(void **state) {
  (void)state;
  run_both_ways(restart_body);
}

static void two_at_once_body(void) {
  idv_sink *one = open_sink("a"), *other = open_sink("a");
  write_text(one, "one");
  write_text(other, "other");
  assert_true(idv_sink_commit(other));
  check_file("a", "other");
  assert_true(idv_sink_commit(one));
  check_file("a", "one");
  assert_int_equal(1, count_entries(NULL));
  idv_sink_close(one);
  idv_sink_close(other);
  assert_int_equal(0, unlink(in_folder("a")));
}

static void two_of_the_same_name_do_not_get_in_each_others_way(void **state) {
  (void)state;
  run_both_ways(two_at_once_body);
}

static void a_name_without_a_folder_is_in_the_current_one(void **state) {
  char before[1024];
  const char *why = NULL;
  (void)state;
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(0, chdir(folder));
  idv_sink *sink = idv_sink_open("report.pdf", &why);
  assert_string_equal(".", disk.folder_asked);
  assert_non_null(sink);
  write_text(sink, "x");
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  assert_int_equal(0, chdir(before));
  check_file("report.pdf", "x");
}

static void a_name_in_the_root_folder(void **state) {
  (void)state;
  disk.open_error = EACCES;
  check_no_sink("/idv-report.pdf", "the folder can not be written to");
  assert_string_equal("/", disk.folder_asked);
}

static void closing_nothing_is_fine(void **state) {
  (void)state;
  idv_sink_close(NULL);
}

/* ---- what the first KiB holds ---- */

static void both_ends_can_be_looked_at(void **state) {
  (void)state;
  static const struct {
    const char *what;
    size_t length; /* of the file, whose bytes count 0, 1, 2, ... 250, 0, ... */
    size_t edge;
  } rows[] = {
      {"empty", 0, 0},        {"one byte", 1, 1},       {"less than an end", 1023, 1023},
      {"an end", 1024, 1024}, {"one more", 1025, 1024}, {"two ends", 2048, 1024},
      {"more", 5000, 1024},
  };
  char bytes[5000], first[IDV_SINK_EDGE], last[IDV_SINK_EDGE];
  for (size_t i = 0; i < sizeof bytes; i++) {
    bytes[i] = (char)(i % 251);
  }
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_sink *sink = open_sink("a");
    assert_true(idv_sink_write(sink, bytes, rows[i].length));
    CHECK(rows[i].what, idv_sink_first(sink, first) == rows[i].edge);
    CHECK(rows[i].what, memcmp(first, bytes, rows[i].edge) == 0);
    CHECK(rows[i].what, idv_sink_last(sink, last) == rows[i].edge);
    CHECK(rows[i].what, memcmp(last, bytes + rows[i].length - rows[i].edge, rows[i].edge) == 0);
    CHECK(rows[i].what, idv_sink_length(sink) == rows[i].length);
    assert_true(idv_sink_write(sink, "more", 4)); /* looking did not move the place to write at */
    assert_true(idv_sink_commit(sink));
    idv_sink_close(sink);
    struct stat status;
    assert_int_equal(0, lstat(in_folder("a"), &status));
    assert_int_equal(rows[i].length + 4, status.st_size);
  }
}

static void an_end_of_an_earlier_attempt_is_gone(void **state) {
  (void)state;
  char edge[IDV_SINK_EDGE];
  idv_sink *sink = open_sink("a");
  write_text(sink, "%PDF-1.7 and so on");
  assert_true(idv_sink_restart(sink));
  assert_int_equal(0, idv_sink_first(sink, edge));
  assert_int_equal(0, idv_sink_last(sink, edge));
  write_text(sink, "new");
  assert_int_equal(3, idv_sink_last(sink, edge));
  assert_memory_equal("new", edge, 3);
  idv_sink_close(sink);
}

/* ---- other processes ---- */

static void forked_body(void) {
  int status = -1;
  idv_sink *sink = open_sink("a");
  write_text(sink, "the parent's");
  int entries = count_entries(NULL);
  pid_t child = fork();
  if (child == 0) {
    idv_sink_close(sink);
    _exit(0);
  }
  assert_int_equal(child, waitpid(child, &status, 0));
  assert_int_equal(0, status);
  assert_int_equal(entries, count_entries(NULL));
  write_text(sink, " file");
  assert_true(idv_sink_commit(sink));
  idv_sink_close(sink);
  check_file("a", "the parent's file");
  assert_int_equal(0, unlink(in_folder("a")));
}

static void a_forked_child_does_not_remove_its_parents_file(void **state) {
  (void)state;
  run_both_ways(forked_body);
}

static void a_process_that_is_killed_leaves_nothing(void **state) {
  (void)state;
  int status = -1, ends[2];
  char is_ready = 0;
  assert_int_equal(0, pipe(ends));
  pid_t child = fork();
  if (child == 0) {
    const char *why = NULL;
    idv_sink *sink = idv_sink_open(in_folder("a"), &why);
    is_ready = sink != NULL && idv_sink_write(sink, "half", 4);
    _exit(write(ends[1], &is_ready, 1) == 1 && pause());
  }
  assert_int_equal(1, read(ends[0], &is_ready, 1));
  assert_int_equal(0, kill(child, SIGKILL));
  assert_int_equal(child, waitpid(child, &status, 0));
  assert_true(is_ready);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  assert_int_equal(0, count_entries(NULL));
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(a_file_appears_when_it_is_complete),
      IN_FOLDER(an_empty_file_appears_too),
      IN_FOLDER(the_bytes_are_on_the_disk_before_the_name_is),
      IN_FOLDER(a_large_file_goes_to_the_disk_as_it_comes_in),
      IN_FOLDER(what_can_not_go_ahead_goes_with_the_commit),
      IN_FOLDER(only_the_owner_may_read_it),
      IN_FOLDER(a_file_of_that_name_is_replaced_in_one_step),
      IN_FOLDER(what_is_not_committed_is_gone_and_the_old_file_is_as_it_was),
      IN_FOLDER(a_nameless_file_can_not_be_seen),
      IN_FOLDER(a_named_file_is_hidden_and_private),
      IN_FOLDER(no_program_that_the_host_starts_inherits_it),
      IN_FOLDER(writes_that_are_cut_short_or_interrupted_are_carried_on),
      IN_FOLDER(a_new_attempt_forgets_what_was_written),
      IN_FOLDER(two_of_the_same_name_do_not_get_in_each_others_way),
      IN_FOLDER(a_name_without_a_folder_is_in_the_current_one),
      IN_FOLDER(a_name_in_the_root_folder),
      cmocka_unit_test(closing_nothing_is_fine),
      IN_FOLDER(both_ends_can_be_looked_at),
      IN_FOLDER(an_end_of_an_earlier_attempt_is_gone),
      IN_FOLDER(a_forked_child_does_not_remove_its_parents_file),
      IN_FOLDER(a_process_that_is_killed_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
