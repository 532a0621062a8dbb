#include "line_head.h"

#include <string.h>

// The first byte at or behind `place` that a plain JSON string cannot have: a quote, a backslash or a control character.
static inline size_t end_of_plain(const uint8_t *base, size_t place, size_t end) {
  while (place < end && base[place] != '"' && base[place] != '\\' && base[place] >= 0x20) place++;
  return place;
}

// An event: whether it ends, where, and what stands in the way of passing it over.
typedef struct {
  size_t end;
  bool is_quiet;
  bool has_escape;
} json_event;

typedef size_t (*plain_search)(const uint8_t *, size_t, size_t);
typedef bool (*head_test)(const uint8_t *, size_t, const line_head *);

#define INLINED static inline __attribute__((always_inline))

INLINED json_event read_event(const uint8_t *base, size_t start, size_t end, plain_search search) {
  json_event event = {start, false, false};
  const size_t limit = end - start > LINE_EVENT_LIMIT ? start + LINE_EVENT_LIMIT : end;
  size_t place = start;
  while ((place = search(base, place, limit)) < limit && base[place] == '\\') {
    event.has_escape = true;
    // \u may stand for anything, and after any other letter the line is no JSON.
    if (place + 1 >= limit || base[place + 1] == 'u' || !strchr("\"\\/bfnrt", base[place + 1]) || !base[place + 1]) {
      return event;
    }
    place += 2;
  }
  if (place >= limit || base[place] != '"') return event;
  event.end = place;
  // Of a text with escapes any line may begin with `=`; else only the first.
  if (event.has_escape) {
    event.is_quiet = memchr(base + start, '=', place - start) == NULL;
    return event;
  }
  size_t first = start;
  while (base[first] == ' ') first++;
  event.is_quiet = base[first] != '=';
  return event;
}

static bool may_tell_outcome(const uint8_t *base, json_event event, size_t start) {
  if (event.has_escape) return true;
  while (base[start] == ' ') start++;
  return start < event.end && strchr("MITPSDRW:", base[start]) != NULL;
}

// The place behind a line that ends with this tail and a LF; 0 where it does not.
static inline size_t end_with_tail(const uint8_t *base, size_t place, size_t end, const uint8_t *store,
                                   const json_tail *tail) {
  if (end - place < tail->count + 1 || memcmp(base + place, store + tail->start, tail->count) != 0) return 0;
  place += tail->count;
  if (tail->has_number) {
    const size_t number = place;
    while (place < end && is_digit(base[place])) place++;
    if (place == number || (base[number] == '0' && place > number + 1)) return 0;
    if (end - place < 2 || base[place] != '}') return 0;
    place++;
  }
  return base[place] == '\n' ? place + 1 : 0;
}

// One source for the machines that have AVX2 and for the others; `is_head` and `search` are what differs.
INLINED lines_passed scan_json(const uint8_t *base, size_t start, size_t end, const line_head *heads,
                                     size_t head_count, const uint8_t *store, json_tail *tails, size_t tail_count,
                                     head_test is_head, plain_search search) {
  lines_passed passed = {start, 0, 0, 0, SIZE_MAX};
  size_t last_head = 0, last_tail = 0;
  while (passed.position < end) {
    const size_t line = passed.position;
    size_t head = last_head;
    if (!is_head(base + line, end - line, &heads[head])) {
      for (head = 0; head < head_count && !is_head(base + line, end - line, &heads[head]);) head++;
      if (head == head_count) return passed;
    }
    const size_t text = line + heads[head].count;
    const json_event event = read_event(base, text, end, search);
    if (!event.is_quiet) return passed;
    size_t tail = last_tail;
    size_t next = end_with_tail(base, event.end, end, store, &tails[tail]);
    for (size_t other = 0; next == 0 && other < tail_count; other++) {
      tail = other;
      next = end_with_tail(base, event.end, end, store, &tails[other]);
    }
    if (next == 0 || tails[tail].is_attentive) return passed;
    if (tails[tail].is_airflow && may_tell_outcome(base, event, text)) return passed;
    tails[tail].last = line;
    tails[tail].last_head = head;
    last_head = head;
    last_tail = tail;
    passed.lines++;
    passed.records++;
    passed.last_record = line;
    passed.position = next;
  }
  return passed;
}


lines_passed line_scan_json_portable(const uint8_t *base, size_t start, size_t end, const line_head *heads,
                                     size_t head_count, const uint8_t *store, json_tail *tails, size_t tail_count) {
  return scan_json(base, start, end, heads, head_count, store, tails, tail_count, has_head, end_of_plain);
}

#if HAS_AVX2_VARIANT
AVX2 static inline size_t end_of_plain_avx2(const uint8_t *base, size_t place, size_t end) {
  const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\'), control = _mm256_set1_epi8(0x1F);
  while (place + 32 <= end) {
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)(base + place));
    const __m256i is_control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, control), bytes);
    const __m256i is_end = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, quote), _mm256_cmpeq_epi8(bytes, backslash));
    const uint32_t found = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(is_control, is_end));
    if (found) return place + _tzcnt_u32(found);
    place += 32;
  }
  return end_of_plain(base, place, end);
}

AVX2 static lines_passed scan_json_avx2(const uint8_t *base, size_t start, size_t end, const line_head *heads,
                                        size_t head_count, const uint8_t *store, json_tail *tails,
                                        size_t tail_count) {
  return scan_json(base, start, end, heads, head_count, store, tails, tail_count, has_head_avx2, end_of_plain_avx2);
}
#endif

lines_passed line_scan_json(const uint8_t *base, size_t start, size_t end, const line_head *heads, size_t head_count,
                            const uint8_t *store, json_tail *tails, size_t tail_count) {
#if HAS_AVX2_VARIANT
  if (CAN_AVX2()) return scan_json_avx2(base, start, end, heads, head_count, store, tails, tail_count);
#endif
  return line_scan_json_portable(base, start, end, heads, head_count, store, tails, tail_count);
}
