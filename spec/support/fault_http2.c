#include "fault_http2.h"

#include <stdint.h>
#include <string.h>

#define PREFACE_BYTES 24
#define HEAD_BYTES 9
#define LARGEST_FRAME 16384

enum { FRAME_DATA = 0, FRAME_HEADERS = 1, FRAME_RST_STREAM = 3, FRAME_SETTINGS = 4, FRAME_GOAWAY = 7 };
enum { FLAG_ACK = 1, FLAG_END_STREAM = 1 };
enum { NO_ERROR = 0, INTERNAL_ERROR = 2, REFUSED_STREAM = 7 };

typedef struct frame {
  uint8_t type;
  uint8_t flags;
  uint32_t stream;
  uint32_t length;
  uint8_t content[LARGEST_FRAME];
} frame;

static uint32_t read_number(const uint8_t *bytes, int count) {
  uint32_t number = 0;
  for (int i = 0; i < count; i++) {
    number = number << 8 | bytes[i];
  }
  return number;
}

static void write_number(uint8_t *bytes, int count, uint32_t number) {
  for (int i = count; i-- > 0; number >>= 8) {
    bytes[i] = (uint8_t)number;
  }
}

static bool receive_all(const peer *p, uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t got = peer_receive(p, bytes, length);
    if (got <= 0) {
      return false;
    }
    bytes += got;
    length -= (size_t)got;
  }
  return true;
}

static bool receive_frame(const peer *p, frame *f) {
  uint8_t head[HEAD_BYTES];
  if (!receive_all(p, head, sizeof head)) {
    return false;
  }
  f->length = read_number(head, 3);
  f->type = head[3];
  f->flags = head[4];
  f->stream = read_number(head + 5, 4);
  return f->length <= sizeof f->content && receive_all(p, f->content, f->length);
}

static bool send_frame(const peer *p, uint8_t type, uint8_t flags, uint32_t stream, const uint8_t *content,
                       uint32_t length) {
  uint8_t bytes[HEAD_BYTES + 8];
  write_number(bytes, 3, length);
  bytes[3] = type;
  bytes[4] = flags;
  write_number(bytes + 5, 4, stream);
  memcpy(bytes + HEAD_BYTES, content, length);
  return peer_send(p, bytes, HEAD_BYTES + length);
}

static bool say_goodbye(const peer *p, uint32_t last_stream) {
  uint8_t content[8] = {0};
  write_number(content, 4, last_stream);
  if (send_frame(p, FRAME_GOAWAY, 0, 0, content, sizeof content)) {
    peer_finish(p);
  }
  return false;
}

static bool end_stream(const peer *p, uint32_t stream, uint32_t code) {
  uint8_t content[4];
  write_number(content, 4, code);
  return send_frame(p, FRAME_RST_STREAM, 0, stream, content, sizeof content);
}

/* What happens to a request. Returns whether the connection goes on. */
static bool misbehave(const peer *p, http2_fault fault, uint32_t stream) {
  switch (fault) {
  case HTTP2_GOAWAY_UNPROCESSED:
    return say_goodbye(p, 0);
  case HTTP2_GOAWAY_PROCESSED:
    return say_goodbye(p, stream);
  case HTTP2_RESET:
    return end_stream(p, stream, INTERNAL_ERROR);
  case HTTP2_REFUSED:
    return end_stream(p, stream, REFUSED_STREAM);
  default:
    return end_stream(p, stream, NO_ERROR);
  }
}

static bool ends_request(const frame *f) {
  return (f->type == FRAME_HEADERS || f->type == FRAME_DATA) && (f->flags & FLAG_END_STREAM) != 0;
}

bool http2_await_request(const peer *p, bool is_first) {
  uint8_t preface[PREFACE_BYTES];
  frame f;
  if (is_first && !receive_all(p, preface, sizeof preface)) {
    return false;
  }
  while (receive_frame(p, &f)) {
    if (ends_request(&f)) {
      return true;
    }
  }
  return false;
}

void http2_serve(const peer *p, http2_fault fault, void (*on_request)(void *data), void *data) {
  uint8_t preface[PREFACE_BYTES];
  frame f;
  bool goes_on = receive_all(p, preface, sizeof preface) && send_frame(p, FRAME_SETTINGS, 0, 0, preface, 0);
  while (goes_on && receive_frame(p, &f)) {
    if (f.type == FRAME_SETTINGS && (f.flags & FLAG_ACK) == 0) {
      goes_on = send_frame(p, FRAME_SETTINGS, FLAG_ACK, 0, f.content, 0);
    } else if (ends_request(&f)) {
      on_request(data);
      goes_on = misbehave(p, fault, f.stream);
    }
  }
}
