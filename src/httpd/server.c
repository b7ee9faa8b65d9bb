#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "listener.h"

/* Descriptors kept for what is not a connection: the listeners, epoll, standard streams, log files. */
static const rlim_t spare_descriptors = 64;
/* Connections per port at most; libmicrohttpd's own default of about a thousand is below what tests need. */
static const rlim_t most_connections = 32768;
/* Idle connections are closed after this long. */
static const unsigned idle_seconds = 300;
/* Nobody waits longer than this in one step: it keeps the milliseconds well inside an int. */
static const double longest_wait = 3600.0;

static const char tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

static void number_connection(void *cls, struct MHD_Connection *connection, void **context,
                              enum MHD_ConnectionNotificationCode code) {
  struct httpd_entrance *entrance = cls;
  (void)connection;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    *context = (void *)(uintptr_t)++entrance->traffic->connections;
  }
}

/* As many connections as the process may have descriptors for, which is raised as far as it goes. */
static unsigned connection_limit(void) {
  struct rlimit files = {0};
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NOFILE, &files);
  }
  rlim_t room =
      files.rlim_cur > 2 * spare_descriptors ? files.rlim_cur - spare_descriptors : spare_descriptors;
  return (unsigned)(room < most_connections ? room : most_connections);
}

static struct MHD_Daemon *start_daemon(struct httpd_entrance *entrance, int listener,
                                       const struct httpd_server_options *options) {
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->certificate},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->key},
      {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_priorities},
      {MHD_OPTION_END, 0, NULL},
  };
  struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
  unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (entrance->secure ? MHD_USE_TLS : 0);
  return MHD_start_daemon(flags, entrance->port, NULL, NULL, httpd_exchange_receive, entrance,
                          MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, connection_limit(),
                          MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds, MHD_OPTION_URI_LOG_CALLBACK,
                          httpd_exchange_begin, entrance, MHD_OPTION_NOTIFY_COMPLETED,
                          httpd_exchange_completed, entrance, MHD_OPTION_NOTIFY_CONNECTION, number_connection,
                          entrance, MHD_OPTION_ARRAY, entrance->secure ? tls : none, MHD_OPTION_END);
}

/* Waits for `events` on `fd` as well; errors and hang-ups are told whatever the events. */
static bool watch(struct httpd_server *server, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  return epoll_ctl(server->poll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool open_entrance(struct httpd_server *server, struct httpd_entrance *entrance,
                          const struct httpd_server_options *options) {
  entrance->traffic = &server->traffic;
  int listener = httpd_listen(&entrance->port);
  if (listener < 0) {
    return false;
  }
  errno = 0;
  entrance->daemon = start_daemon(entrance, listener, options);
  if (entrance->daemon == NULL) {
    close(listener);
    errno = errno != 0 ? errno : EINVAL;
    return false;
  }
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(entrance->daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info != NULL && watch(server, info->epoll_fd, EPOLLIN);
}

static bool open_loop(struct httpd_server *server) {
  server->poll_fd = epoll_create1(EPOLL_CLOEXEC);
  return server->poll_fd >= 0 && httpd_signals_open(&server->signals) &&
         watch(server, server->signals.fd, EPOLLIN);
}

static bool open_ports(struct httpd_server *server, const struct httpd_server_options *options, char *problem,
                       size_t problem_size) {
  struct httpd_entrance *entrances[] = {&server->plain,
                                        options->certificate != NULL ? &server->secure : NULL};
  for (size_t i = 0; i < 2 && entrances[i] != NULL; i++) {
    if (!open_entrance(server, entrances[i], options)) {
      snprintf(problem, problem_size, "cannot serve on 127.0.0.1:%u: %s", (unsigned)entrances[i]->port,
               strerror(errno));
      return false;
    }
  }
  return true;
}

/*
 * A parent that is collected by Lua or waits for its child closes its end of the pipe and then waits, so the
 * pipe is watched as well. What can not be watched (a file) has nobody at its other end.
 */
static void follow_parent(struct httpd_server *server) {
  server->stopping = !httpd_signals_follow_parent();
  (void)watch(server, STDOUT_FILENO, 0);
}

static bool open_all(struct httpd_server *server, const struct httpd_server_options *options, char *problem,
                     size_t problem_size) {
  server->traffic.max_body = options->max_body;
  server->plain.port = options->port;
  server->secure.port = options->tls_port;
  server->secure.secure = true;
  if (!open_loop(server)) {
    snprintf(problem, problem_size, "cannot wait for events: %s", strerror(errno));
    return false;
  }
  return open_ports(server, options, problem, problem_size);
}

struct httpd_server *httpd_server_open(const struct httpd_server_options *options, char *problem,
                                       size_t problem_size) {
  struct httpd_server *server = calloc(1, sizeof *server);
  if (server == NULL) {
    snprintf(problem, problem_size, "no memory for a server");
    return NULL;
  }
  server->poll_fd = -1;
  server->signals.fd = -1;
  if (!open_all(server, options, problem, problem_size)) {
    httpd_server_close(server);
    return NULL;
  }
  if (options->follow_parent) {
    follow_parent(server);
  }
  return server;
}

static double lesser(double a, double b) {
  return a < b ? a : b;
}

static double daemon_wait(const struct httpd_entrance *entrance, double seconds) {
  MHD_UNSIGNED_LONG_LONG ms = 0;
  if (entrance->daemon != NULL && MHD_get_timeout(entrance->daemon, &ms) == MHD_YES) {
    return lesser(seconds, (double)ms / 1e3);
  }
  return seconds;
}

/* Milliseconds until something other than a socket or a signal needs attention; at most `seconds`. */
static int wait_ms(const struct httpd_server *server, double seconds) {
  const struct httpd_traffic *traffic = &server->traffic;
  if (traffic->resumed || traffic->first_ready != NULL || server->stopping) {
    return 0;
  }
  if (traffic->timers.first != NULL) {
    seconds = lesser(seconds, traffic->timers.first->due - httpd_now());
  }
  seconds = daemon_wait(&server->plain, daemon_wait(&server->secure, seconds));
  seconds = lesser(seconds, longest_wait);
  return seconds > 0 ? (int)(seconds * 1e3) + 1 : 0; /* rounded up: waking too early would only spin */
}

static void run_daemon(const struct httpd_entrance *entrance) {
  if (entrance->daemon != NULL) {
    MHD_run(entrance->daemon);
  }
}

/* Waits for the first event; libmicrohttpd finds its own among them by itself. */
static void wait_for_events(struct httpd_server *server, double seconds) {
  struct epoll_event events[4]; /* there are four descriptors at most */
  int count = epoll_wait(server->poll_fd, events, 4, wait_ms(server, seconds));
  for (int i = 0; i < count; i++) {
    if (events[i].data.fd == STDOUT_FILENO ||
        (events[i].data.fd == server->signals.fd && httpd_signals_take(&server->signals))) {
      server->stopping = true;
    }
  }
}

void httpd_server_step(struct httpd_server *server, double seconds) {
  wait_for_events(server, seconds);
  struct httpd_timer *timer;
  double now = httpd_now();
  while ((timer = httpd_timers_take(&server->traffic.timers, now)) != NULL) {
    httpd_exchange_wake(timer);
  }
  server->traffic.resumed = false;
  run_daemon(&server->plain);
  run_daemon(&server->secure);
}

static void close_entrance(struct httpd_entrance *entrance) {
  if (entrance->daemon != NULL) {
    MHD_stop_daemon(entrance->daemon); /* closes the listener as well */
    entrance->daemon = NULL;
  }
}

void httpd_server_close(struct httpd_server *server) {
  httpd_exchange_abandon_all(&server->traffic);
  close_entrance(&server->plain);
  close_entrance(&server->secure);
  if (server->poll_fd >= 0) {
    close(server->poll_fd);
  }
  httpd_signals_close(&server->signals);
  free(server);
}
