#include "line_head.h"
#include "line_letters.h"

#include <string.h>

bool json_line_add_piece(json_line *line, uint32_t start, uint32_t count) {
  if (line->piece_count == LINE_PIECE_LIMIT) return false;
  line->pieces[line->piece_count].start = start;
  line->pieces[line->piece_count++].count = count;
  return true;
}

typedef size_t (*plain_search)(const uint8_t *, size_t, size_t);
typedef bool (*head_test)(const uint8_t *, size_t, const line_head *);
typedef bool (*same_test)(const uint8_t *, const uint8_t *, size_t);

// What differs between the machines that have AVX2 and the others.
typedef struct {
  plain_search end_of_plain;
  head_test is_head;
  same_test is_same;
} json_tools;

static inline bool is_same(const uint8_t *text, const uint8_t *other, size_t count) { return memcmp(text, other, count) == 0; }

// The first byte at or behind `place` that a plain JSON string cannot have: a quote, a backslash or a control character.
static inline size_t end_of_plain(const uint8_t *base, size_t place, size_t end) {
  while (place < end && base[place] != '"' && base[place] != '\\' && base[place] >= 0x20) place++;
  return place;
}

// The text of a line. `is_valid` says that it ends with its quote and that its escapes, if it has any, are each one character.
typedef struct {
  size_t end;
  bool is_valid, has_escape, is_quiet, may_tell;
} json_text;

// Reads a text that has an escape at `place`, or no end. Most texts are plain, so this is apart from them.
static __attribute__((noinline)) json_text read_escaped(const uint8_t *base, size_t start, size_t place, size_t limit,
                                                        const json_lines *known, plain_search search) {
  json_text text = {start, false, true, false, true};
  while (place < limit && base[place] == '\\') {
    // \u may stand for anything, and after any other letter the line is no JSON.
    if (place + 1 >= limit || base[place + 1] == 'u' || !base[place + 1] || !strchr("\"\\/bfnrt", base[place + 1])) {
      return text;
    }
    place = search(base, place + 2, limit);
  }
  if (place >= limit || base[place] != '"') return text;
  text.end = place;
  text.is_valid = true;
  // Any line of the text may begin with the mark, and the first may begin with anything.
  text.is_quiet = memchr(base + start, known->mark, place - start) == NULL &&
                  !has_first_word(base + start, base + place, known->letters, true);
  return text;
}

INLINED json_text read_text(const uint8_t *base, size_t start, size_t end, const json_lines *known, json_tools tools) {
  const size_t limit = end - start > LINE_TEXT_LIMIT ? start + LINE_TEXT_LIMIT : end;
  const size_t place = tools.end_of_plain(base, start, limit);
  if (place >= limit || base[place] != '"') return read_escaped(base, start, place, limit, known, tools.end_of_plain);
  json_text text = {place, true, false, false, false};
  size_t first = start;
  while (base[first] == ' ') first++;
  // The closing quote stands behind the text, so that a second byte is there.
  text.is_quiet = (first < place && begins_otherwise(base + first, known->letters)) ||
                  (base[first] != known->mark && base[first] != known->group_mark &&
                   !line_has_only(known->letters, base + start, place - start));
  text.may_tell = first < place && has_byte(&known->telling, base[first]);
  return text;
}

static inline size_t skip_digits(const uint8_t *base, size_t place, size_t end) {
  while (place < end && is_digit(base[place])) place++;
  return place;
}

// The place behind a number of JSON. 0 if no number stands here.
static size_t end_of_number(const uint8_t *base, size_t place, size_t end) {
  if (place < end && base[place] == '-') place++;
  size_t digits = skip_digits(base, place, end);
  if (digits == place || (base[place] == '0' && digits > place + 1)) return 0;
  place = digits;
  if (place < end && base[place] == '.') {
    digits = skip_digits(base, place + 1, end);
    if (digits == place + 1) return 0;
    place = digits;
  }
  if (place < end && (base[place] | 0x20) == 'e') {
    place++;
    if (place < end && (base[place] == '+' || base[place] == '-')) place++;
    digits = skip_digits(base, place, end);
    if (digits == place) return 0;
    place = digits;
  }
  return place;
}

// The place behind a string without escapes, a number, true, false or null. 0 if none of them stands here.
static __attribute__((noinline)) size_t end_of_scalar(const uint8_t *base, size_t place, size_t end) {
  if (place >= end) return 0;
  switch (base[place]) {
  case '"':
    place = end_of_plain(base, place + 1, end);
    return place < end && base[place] == '"' ? place + 1 : 0;
  case 't':
  case 'n':
    return end - place >= 4 && (memcmp(base + place, "true", 4) == 0 || memcmp(base + place, "null", 4) == 0) ? place + 4
                                                                                                              : 0;
  case 'f':
    return end - place >= 5 && memcmp(base + place, "false", 5) == 0 ? place + 5 : 0;
  default:
    return end_of_number(base, place, end);
  }
}

// The place behind a value; most are whole numbers. Where `has_end`, a LF stands before `end`, and no digit behind it is looked at.
INLINED size_t end_of_value(const uint8_t *base, size_t place, size_t end, bool has_end) {
  size_t digits = place;
  while ((has_end || digits < end) && is_digit(base[digits])) digits++;
  if (digits == place || base[place] == '0' || (!has_end && digits == end) || (base[digits] != ',' && base[digits] != '}')) {
    return end_of_scalar(base, place, end);
  }
  return digits;
}

// The place behind the pieces and the values between them. 0 if the line goes on differently.
INLINED size_t end_of_pieces(const uint8_t *base, size_t place, size_t end, const uint8_t *store, const json_line *line,
                             bool has_end, same_test is_same) {
  for (uint32_t index = 0;;) {
    const size_t count = line->pieces[index].count;
    const uint8_t *piece = store + line->pieces[index].start;
    if (end - place < count || base[place] != piece[0]) return 0;
    if (count > 1 && !is_same(base + place, piece, count)) return 0;
    place += count;
    if (++index == line->piece_count) return place;
    if ((place = end_of_value(base, place, end, has_end)) == 0) return 0;
  }
}

// The place behind a line with these pieces; 0 where the line is none. Where `has_end` is false, `end` is the line's end, else the
// line ends with LF, or with CR and LF.
INLINED size_t end_of_line(const uint8_t *base, size_t place, size_t end, const uint8_t *store, const json_line *line,
                           bool has_end, same_test is_same) {
  place = end_of_pieces(base, place, end, store, line, has_end, is_same);
  if (place == 0 || !has_end) return place == end ? place : 0;
  if (place < end && base[place] == '\n') return place + 1;
  return end - place >= 2 && base[place] == '\r' && base[place + 1] == '\n' ? place + 2 : 0;
}

// Where a search begins: most lines are like one of the last.
typedef struct {
  size_t head, line;
} json_guess;

// A known line and the place behind the line that is like it. SIZE_MAX and 0 if the line is like no known one.
typedef struct {
  size_t line, next;
} json_likeness;

// Looks through the known lines with a head for one that goes on as this line does behind its text, which ends at `text_end`.
static __attribute__((noinline)) json_likeness find_line(const uint8_t *base, size_t text_end, size_t end,
                                                         const json_lines *known, uint32_t group, size_t head,
                                                         bool has_end) {
  for (size_t index = 0; index < known->line_count; index++) {
    const json_line *line = &known->lines[index];
    if (line->head != head || line->group != group) continue;
    const size_t next = end_of_line(base, text_end, end, known->store, line, has_end, is_same);
    if (next != 0) return (json_likeness){index, next};
  }
  return (json_likeness){SIZE_MAX, 0};
}

typedef struct {
  json_text text;
  size_t start;
  json_likeness like;
} json_found;

INLINED json_found find(const uint8_t *base, size_t start, size_t end, const json_lines *known, uint32_t group,
                        json_guess guess, bool has_end, json_tools tools) {
  json_found found = {{0, false, false, false, false}, 0, {SIZE_MAX, 0}};
  size_t head = guess.head;
  if (!tools.is_head(base + start, end - start, &known->heads[head])) {
    for (head = 0; head < known->head_count && !tools.is_head(base + start, end - start, &known->heads[head]);) head++;
    if (head == known->head_count) return found;
  }
  found.start = start + known->heads[head].count;
  found.text = read_text(base, found.start, end, known, tools);
  if (!found.text.is_valid) return found;
  const json_line *line = &known->lines[guess.line];
  if (line->head == head && line->group == group) {
    found.like.next = end_of_line(base, found.text.end, end, known->store, line, has_end, tools.is_same);
  }
  if (found.like.next != 0) {
    found.like.line = guess.line;
  } else {
    found.like = find_line(base, found.text.end, end, known, group, head, has_end);
  }
  return found;
}

INLINED lines_passed scan_json(const uint8_t *base, size_t start, size_t end, const json_lines *known, size_t limit,
                               json_tools tools) {
  lines_passed passed = {start, 0, 0, 0, 0, SIZE_MAX};
  json_guess guess = {0, 0};
  while (passed.position < end) {
    const json_found found = find(base, passed.position, end, known, 0, guess, true, tools);
    if (found.like.line == SIZE_MAX || found.like.next - passed.position > limit) return passed;
    json_line *line = &known->lines[found.like.line];
    if (!found.text.is_quiet || line->is_attentive || (line->may_tell && found.text.may_tell)) return passed;
    line->passed++;
    line->last = passed.position;
    guess = (json_guess){line->head, found.like.line};
    passed.lines++;
    passed.records++;
    passed.last_record = passed.position;
    passed.position = found.like.next;
  }
  return passed;
}

INLINED json_match match_json(const uint8_t *line, size_t count, const json_lines *known, uint32_t group, json_tools tools) {
  const json_guess guess = {0, 0};
  const json_found found = find(line, 0, count, known, group, guess, false, tools);
  if (found.like.line == SIZE_MAX) return (json_match){SIZE_MAX, 0, 0, false, false, false};
  return (json_match){found.like.line, found.start, found.text.end, found.text.has_escape, found.text.is_quiet,
                      known->lines[found.like.line].may_tell && found.text.may_tell};
}

bool line_is_known_json(const uint8_t *line, size_t count, size_t text_start, size_t text_end, const json_lines *known,
                        uint32_t group) {
  for (size_t index = 0; index < known->line_count; index++) {
    const json_line *other = &known->lines[index];
    const line_head *head = &known->heads[other->head];
    if (other->group != group || head->count != text_start || !has_head(line, count, head)) continue;
    if (end_of_line(line, text_end, count, known->store, other, false, is_same) != 0) return true;
  }
  return false;
}

static const json_tools portable = {end_of_plain, has_head, is_same};

lines_passed line_scan_json_portable(const uint8_t *base, size_t start, size_t end, const json_lines *known,
                                     size_t limit) {
  return scan_json(base, start, end, known, limit, portable);
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

// The last bytes are compared together with some before them.
AVX2 static inline bool is_same_avx2(const uint8_t *text, const uint8_t *other, size_t count) {
  if (count < 32) return is_same(text, other, count);
  __m256i good = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(text + count - 32)),
                                   _mm256_loadu_si256((const __m256i *)(other + count - 32)));
// Pieces have few parts of 32 bytes, for which unrolled loops only have more to set up.
#pragma clang loop unroll(disable)
  for (size_t index = 0; index + 32 < count; index += 32) {
    good = _mm256_and_si256(good, _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(text + index)),
                                                    _mm256_loadu_si256((const __m256i *)(other + index))));
  }
  return (uint32_t)_mm256_movemask_epi8(good) == UINT32_MAX;
}

static const json_tools with_avx2 = {end_of_plain_avx2, has_head_avx2, is_same_avx2};

AVX2 static lines_passed scan_json_avx2(const uint8_t *base, size_t start, size_t end, const json_lines *known,
                                        size_t limit) {
  return scan_json(base, start, end, known, limit, with_avx2);
}

AVX2 static json_match match_json_avx2(const uint8_t *line, size_t count, const json_lines *known, uint32_t group) {
  return match_json(line, count, known, group, with_avx2);
}
#endif

lines_passed line_scan_json(const uint8_t *base, size_t start, size_t end, const json_lines *known, size_t limit) {
#if HAS_AVX2_VARIANT
  if (CAN_AVX2()) return scan_json_avx2(base, start, end, known, limit);
#endif
  return line_scan_json_portable(base, start, end, known, limit);
}

json_match line_match_json(const uint8_t *line, size_t count, const json_lines *known, uint32_t group) {
#if HAS_AVX2_VARIANT
  if (CAN_AVX2()) return match_json_avx2(line, count, known, group);
#endif
  return match_json(line, count, known, group, portable);
}
