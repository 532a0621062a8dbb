#define _GNU_SOURCE
#include "line_head.h"

#include <string.h>

static const uint8_t escape = 0x1B;
static const char header_words[] = "correlation data";
enum { header_words_length = sizeof header_words - 1 };

line_head line_head_of(const uint8_t *bytes, size_t count) {
  line_head head = {{0}, {0}, count};
  for (size_t index = 0; index < count; index++) {
    head.bytes[index] = bytes[index];
    head.digits[index] = is_digit(bytes[index]) ? 0xFF : 0;
  }
  return head;
}

bool line_head_matches(const line_head *head, const uint8_t *line, size_t length) {
  return has_head(line, length, head);
}

bool text_lines_add_name(text_lines *lines, const uint8_t *name, size_t length) {
  if (lines->name_count == LINE_NAME_LIMIT) return false;
  line_name *added = &lines->names[lines->name_count++];
  *added = (line_name){0, 0};
  memcpy(&added->bytes, name, length < 8 ? length : 8);
  memset(&added->mask, 0xFF, length < 8 ? length : 8);
  return true;
}

static bool has_looked_out_name(const uint8_t *name, size_t room, const text_lines *lines) {
  uint64_t bytes = 0;
  memcpy(&bytes, name, room < 8 ? room : 8);
  bool found = false;
  for (size_t index = 0; index < lines->name_count; index++) {
    found |= (bytes & lines->names[index].mask) == lines->names[index].bytes;
  }
  return found;
}

typedef enum { line_ordinary, line_record, line_unclear } line_kind;

// What a line that does not begin as the head says may be. Unclear is whatever one of the scanner's recognisers looks at twice.
static line_kind kind_without_head(const uint8_t *line, size_t room) {
  switch (line[0]) {
  case '[':
  case '{':
    return line_unclear;
  case ' ':
  case '\t': {
    // White space of JSON may stand before an object.
    size_t index = 1;
    while (index < room && (line[index] == ' ' || line[index] == '\t' || line[index] == '\r')) index++;
    return index < room && line[index] == '{' ? line_unclear : line_ordinary;
  }
  case '0' ... '9':
    return room > 4 && line[4] == '-' ? line_unclear : line_ordinary;
  case 'A' ... 'Z': {
    size_t index = 1;
    while (index < room && index <= 16 && line[index] >= 'A' && line[index] <= 'Z') index++;
    return index + 1 < room && line[index] == ' ' && line[index + 1] == '-' ? line_unclear : line_ordinary;
  }
  default:
    return line_ordinary;
  }
}

static line_kind kind_with_head(const uint8_t *line, size_t room, const text_lines *lines) {
  return has_looked_out_name(line + lines->head.count, room - lines->head.count, lines) ? line_unclear : line_record;
}

static line_kind kind_of(const uint8_t *line, size_t room, const text_lines *lines) {
  if (lines->head.count > 0 && has_head(line, room, &lines->head)) return kind_with_head(line, room, lines);
  return kind_without_head(line, room);
}

static bool has_header_words(const uint8_t *text, size_t room) {
  if (room < header_words_length) return false;
  for (size_t index = 0; index < header_words_length; index++) {
    // Setting the bit turns upper case into lower and no other byte into a letter or a blank, but for 0x00 into a blank.
    uint8_t byte = text[index];
    uint8_t lower = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
    if (lower != (uint8_t)header_words[index]) return false;
  }
  return true;
}

static inline void pass_line(lines_passed *passed, const uint8_t *base, size_t next, line_kind kind) {
  const size_t begin = passed->position;
  passed->lines++;
  passed->position = next;
  if (kind == line_record) {
    passed->records++;
    passed->last_record = begin;
  } else if (passed->records == 0) {
    const bool is_empty = base[begin] == '\n' || (base[begin] == '\r' && base[begin + 1] == '\n');
    passed->loose += is_empty ? 0 : 1;
  }
}

lines_passed line_scan_text_portable(const uint8_t *base, size_t start, size_t end, const text_lines *lines) {
  lines_passed passed = {start, 0, 0, 0, SIZE_MAX};
  while (passed.position < end) {
    const uint8_t *line = base + passed.position;
    const line_kind kind = kind_of(line, end - passed.position, lines);
    if (kind == line_unclear) return passed;
    const uint8_t *stop = memchr(line, '\n', end - passed.position);
    const size_t length = (size_t)(stop - line);
    if (memchr(line, escape, length)) return passed;
    for (const uint8_t *blank = line; (blank = memchr(blank, ' ', (size_t)(stop - blank))); blank++) {
      const ptrdiff_t before = blank - line;
      if (before >= 11 && has_header_words(blank - 11, (size_t)(stop - blank) + 11)) return passed;
    }
    pass_line(&passed, base, passed.position + length + 1, kind);
  }
  return passed;
}

#if HAS_AVX2_VARIANT
AVX2 static inline line_kind kind_of_avx2(const uint8_t *line, size_t room, const text_lines *lines) {
  if (lines->head.count > 0 && line[0] == lines->head.bytes[0] && has_head_avx2(line, room, &lines->head)) {
    return kind_with_head(line, room, lines);
  }
  return kind_without_head(line, room);
}

// Sixty-four bytes at a time: where lines end, and where an ESC or the words of a header may stand. The words are looked for by
// three of their bytes that seldom meet: c at 0, a blank at 11, d at 12.
AVX2 static lines_passed scan_text_avx2(const uint8_t *base, size_t start, size_t end, const text_lines *lines) {
  lines_passed passed = {start, 0, 0, 0, SIZE_MAX};
  const size_t step = 64, ahead = header_words_length;
  const __m256i newline = _mm256_set1_epi8('\n'), esc = _mm256_set1_epi8((char)escape);
  const __m256i blank = _mm256_set1_epi8(' '), c = _mm256_set1_epi8('c'), d = _mm256_set1_epi8('d');
  const __m256i fold = _mm256_set1_epi8(0x20);
  size_t position = start;
  line_kind kind = start < end ? kind_of_avx2(base + start, end - start, lines) : line_ordinary;
  if (kind == line_unclear) return passed;
  while (position + step + ahead <= end) {
    uint64_t ends = 0, special = 0;
    for (size_t half = 0; half < step; half += 32) {
      const uint8_t *at = base + position + half;
      const __m256i bytes = _mm256_loadu_si256((const __m256i *)at);
      const __m256i eleventh = _mm256_loadu_si256((const __m256i *)(at + 11));
      const __m256i twelfth = _mm256_loadu_si256((const __m256i *)(at + 12));
      const __m256i words = _mm256_and_si256(
          _mm256_cmpeq_epi8(_mm256_or_si256(bytes, fold), c),
          _mm256_and_si256(_mm256_cmpeq_epi8(eleventh, blank), _mm256_cmpeq_epi8(_mm256_or_si256(twelfth, fold), d)));
      const __m256i is_special = _mm256_or_si256(words, _mm256_cmpeq_epi8(bytes, esc));
      ends |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, newline)) << half;
      special |= (uint64_t)(uint32_t)_mm256_movemask_epi8(is_special) << half;
    }
    while (special | ends) {
      if (special && (!ends || _tzcnt_u64(special) < _tzcnt_u64(ends))) {
        const size_t place = position + _tzcnt_u64(special);
        if (base[place] == escape || has_header_words(base + place, end - place)) return passed;
        special = _blsr_u64(special);
        continue;
      }
      const size_t next = position + _tzcnt_u64(ends) + 1;
      ends = _blsr_u64(ends);
      pass_line(&passed, base, next, kind);
      if (next == end) return passed;
      kind = kind_of_avx2(base + next, end - next, lines);
      if (kind == line_unclear) return passed;
    }
    position += step;
  }
  // The rest is shorter than a step; the line at hand may begin before it.
  lines_passed rest = line_scan_text_portable(base, passed.position, end, lines);
  rest.lines += passed.lines;
  rest.loose = passed.loose + (passed.records == 0 ? rest.loose : 0);
  rest.records += passed.records;
  if (rest.last_record == SIZE_MAX) rest.last_record = passed.last_record;
  return rest;
}
#endif

lines_passed line_scan_text(const uint8_t *base, size_t start, size_t end, const text_lines *lines) {
#if HAS_AVX2_VARIANT
  if (CAN_AVX2()) return scan_text_avx2(base, start, end, lines);
#endif
  return line_scan_text_portable(base, start, end, lines);
}

size_t line_scan_last_line_end(const uint8_t *base, size_t start, size_t end) {
  const uint8_t *found = end > start ? memrchr(base + start, '\n', end - start) : NULL;
  return found ? (size_t)(found - base) + 1 : start;
}
