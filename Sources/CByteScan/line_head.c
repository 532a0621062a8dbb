#include "line_head.h"

#include <string.h>

bool line_opening_add(line_opening *opening, byte_run run) {
  if (opening->count == LINE_RUN_LIMIT) return false;
  opening->runs[opening->count++] = run;
  return true;
}

line_beginning line_begins(const line_opening *opening, const uint8_t *line, size_t room) {
  size_t place = 0;
  for (size_t index = 0; index < opening->count; index++) {
    const byte_run *run = &opening->runs[index];
    const bool is_last = index + 1 == opening->count;
    // Behind the last run nothing is asked for, so it need not be taken to its end.
    const size_t most = is_last ? run->least : run->most;
    size_t taken = 0;
    while (taken < most && place < room && has_byte(&run->bytes, line[place])) {
      taken++;
      place++;
    }
    if (taken < run->least) return place == room ? line_may_begin_so : line_begins_otherwise;
  }
  return line_begins_so;
}

line_head line_head_of(const uint8_t *bytes, size_t count, size_t digits_start, size_t digits_end) {
  line_head head = {{0}, {0}, count};
  memcpy(head.least, bytes, count);
  memset(head.above + count, 0xFF, LINE_HEAD_LIMIT - count);
  for (size_t index = digits_start; index < digits_end && index < count; index++) {
    if (!is_digit(bytes[index])) continue;
    head.least[index] = '0';
    head.above[index] = 9;
  }
  return head;
}

#if HAS_AVX2_VARIANT
AVX2 static size_t line_head_first_avx2(const line_head *heads, size_t count, const uint8_t *line, size_t length) {
  size_t index = 0;
  while (index < count && !has_head_avx2(line, length, &heads[index])) index++;
  return index;
}
#endif

size_t line_head_first(const line_head *heads, size_t count, const uint8_t *line, size_t length) {
#if HAS_AVX2_VARIANT
  if (CAN_AVX2()) return line_head_first_avx2(heads, count, line, length);
#endif
  size_t index = 0;
  while (index < count && !has_head(line, length, &heads[index])) index++;
  return index;
}

bool line_head_matches(const line_head *head, const uint8_t *line, size_t length) {
  return line_head_first(head, 1, line, length) == 0;
}
