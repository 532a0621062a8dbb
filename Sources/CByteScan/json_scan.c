#include "json_tools.h"
#include "line_letters.h"
#include "pair_lines.h"

#include <string.h>

bool json_line_add_piece(json_line *line, uint32_t start, uint32_t count) {
  if (line->piece_count == LINE_PIECE_LIMIT) return false;
  line->pieces[line->piece_count].start = start;
  line->pieces[line->piece_count++].count = count;
  return true;
}

// The text of a line. `is_valid` says that it ends with its quote and that its escapes, if it has any, are each one character.
typedef struct {
  size_t end;
  // The first byte that is no blank, or the closing quote if all bytes are blanks. 0 if nobody looked for it.
  uint8_t first;
  bool is_valid, has_escape, is_quiet;
} json_text;

// Where a text with escapes ends, and whether it is quiet.
typedef struct {
  size_t end;
  size_t is_quiet;
} escaped_text;

// Reads a text that has an escape at `place`, or no end: 0 is its end where it is not valid. Most texts are plain, so this is apart
// from them.
static __attribute__((noinline)) escaped_text read_escaped(const uint8_t *base, size_t start, size_t place, size_t limit,
                                                           const json_lines *known, plain_search search) {
  while (place < limit && base[place] == '\\') {
    // \u may stand for anything, and after any other letter the line is no JSON.
    if (place + 1 >= limit || base[place + 1] == 'u' || !base[place + 1] || !strchr("\"\\/bfnrt", base[place + 1])) {
      return (escaped_text){0, false};
    }
    place = search(base, place + 2, limit, 0).end;
  }
  if (place >= limit || base[place] != '"') return (escaped_text){0, false};
  // Any line of the text may begin with the mark, and the first may begin with anything.
  return (escaped_text){place, memchr(base + start, known->mark, place - start) == NULL &&
                                   !has_first_word(base + start, base + place, known->letters, true) &&
                                   !rare_texts_stand(base, start, place, known->rare)};
}

INLINED json_text read_text(const uint8_t *base, size_t start, size_t end, const json_lines *known, json_tools tools) {
  const size_t limit = end - start > LINE_TEXT_LIMIT ? start + LINE_TEXT_LIMIT : end;
  const plain_text found = tools.plain(base, start, limit, known->rare->byte);
  const size_t place = found.end;
  if (place >= limit || base[place] != '"') {
    const escaped_text escaped = read_escaped(base, start, place, limit, known, tools.plain);
    return (json_text){escaped.end, 0, escaped.end > 0, true, escaped.is_quiet != 0};
  }
  size_t first = start;
  while (base[first] == ' ') first++;
  // The closing quote is no letter, and stands behind the text, so that a second byte is there.
  const bool is_quiet = begins_otherwise(base + first, known->letters) ||
                        (base[first] != known->mark && base[first] != known->group_mark &&
                         !line_has_only(known->letters, base + start, place - start));
  // Most texts have not even the rare byte.
  if (found.has_seldom && rare_texts_stand(base, start, place, known->rare)) {
    return (json_text){place, base[first], true, false, false};
  }
  return (json_text){place, base[first], true, false, is_quiet};
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

// The place behind a string without escapes and without rare texts, a number, true, false or null. 0 if none of them stands here.
static __attribute__((noinline)) size_t end_of_scalar(const uint8_t *base, size_t place, size_t end, const json_lines *known) {
  if (place >= end) return 0;
  switch (base[place]) {
  case '"': {
    const plain_text text = plain(base, place + 1, end, known->rare->byte);
    if (text.has_seldom && rare_texts_stand(base, place + 1, text.end, known->rare)) return 0;
    return text.end < end && base[text.end] == '"' ? text.end + 1 : 0;
  }
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
INLINED size_t end_of_value(const uint8_t *base, size_t place, size_t end, const json_lines *known, bool has_end,
                            json_tools tools) {
  const size_t digits = tools.skip_digits(base, place, end);
  if (digits == place || base[place] == '0' || (!has_end && digits == end) || (base[digits] != ',' && base[digits] != '}')) {
    return end_of_scalar(base, place, end, known);
  }
  return digits;
}

// The place behind the pieces and the values between them. 0 if the line goes on differently.
INLINED size_t end_of_pieces(const uint8_t *base, size_t place, size_t end, const json_lines *known, const json_line *line,
                             bool has_end, json_tools tools) {
  for (uint32_t index = 0;;) {
    const size_t count = line->pieces[index].count;
    const uint8_t *piece = known->store + line->pieces[index].start;
    if (end - place < count) return 0;
    if (count == 1 ? base[place] != piece[0] : !tools.is_same(base + place, piece, count)) return 0;
    place += count;
    if (++index == line->piece_count) return place;
    if ((place = end_of_value(base, place, end, known, has_end, tools)) == 0) return 0;
  }
}

// The place behind a line with these pieces; 0 where the line is none. Where `has_end` is false, `end` is the line's end, else the
// line ends with LF, or with CR and LF.
INLINED size_t end_of_line(const uint8_t *base, size_t place, size_t end, const json_lines *known, const json_line *line,
                           bool has_end, json_tools tools) {
  place = end_of_pieces(base, place, end, known, line, has_end, tools);
  if (place == 0 || !has_end) return place == end ? place : 0;
  if (place < end && base[place] == '\n') return place + 1;
  return end - place >= 2 && base[place] == '\r' && base[place + 1] == '\n' ? place + 2 : 0;
}

// Whether a line with such a text may tell something.
INLINED bool may_tell(const json_line *line, const json_text *text, const json_lines *known) {
  return line->may_tell && (text->has_escape || has_byte(&known->telling, text->first));
}

// The line that the last one was like: most lines are like it. NULL if there is none.
typedef struct {
  const line_head *head;
  json_line *line;
} json_guess;

// A known line, and the place behind the line that is like it. NULL and 0 if the line is like no known one.
typedef struct {
  json_line *line;
  size_t next;
} json_likeness;

// Looks through the known lines with a head for one that goes on as this line does behind its text, which ends at `text_end`.
static __attribute__((noinline)) json_likeness find_line(const uint8_t *base, size_t text_end, size_t end,
                                                         const json_lines *known, uint32_t group, const line_head *head,
                                                         bool has_end) {
  for (size_t index = 0; index < known->line_count; index++) {
    json_line *line = &known->lines[index];
    if (&known->heads[line->head] != head || line->group != group) continue;
    const size_t next = end_of_line(base, text_end, end, known, line, has_end, portable);
    if (next != 0) return (json_likeness){line, next};
  }
  return (json_likeness){NULL, 0};
}

typedef struct {
  json_text text;
  size_t start;
  const line_head *head;
  json_likeness like;
} json_found;

INLINED json_found find(const uint8_t *base, size_t start, size_t end, const json_lines *known, uint32_t group,
                        json_guess guess, bool has_end, json_tools tools) {
  json_found found = {{0, 0, false, false, false}, 0, guess.head, {NULL, 0}};
  if (!found.head || !tools.is_head(base + start, end - start, found.head)) {
    const line_head *behind = known->heads + known->head_count;
    for (found.head = known->heads; found.head < behind && !tools.is_head(base + start, end - start, found.head);) found.head++;
    if (found.head == behind) return found;
  }
  found.start = start + found.head->count;
  found.text = read_text(base, found.start, end, known, tools);
  if (!found.text.is_valid) return found;
  if (found.head == guess.head) {
    found.like.next = end_of_line(base, found.text.end, end, known, guess.line, has_end, tools);
    if (found.like.next != 0) {
      found.like.line = guess.line;
      return found;
    }
  }
  found.like = find_line(base, found.text.end, end, known, group, found.head, has_end);
  return found;
}

INLINED lines_passed scan_json(const uint8_t *base, size_t start, size_t end, const json_lines *known, size_t limit,
                               json_tools tools) {
  lines_passed passed = {start, 0, 0, 0, 0, SIZE_MAX};
  json_guess guess = {NULL, NULL};
  while (passed.position < end) {
    const json_found found = find(base, passed.position, end, known, 0, guess, true, tools);
    if (!found.like.line || found.like.next - passed.position > limit) return passed;
    if (!found.text.is_quiet || found.like.line->is_attentive || may_tell(found.like.line, &found.text, known)) return passed;
    found.like.line->passed++;
    found.like.line->last = passed.position;
    guess = (json_guess){found.head, found.like.line};
    passed.lines++;
    passed.records++;
    passed.last_record = passed.position;
    passed.position = found.like.next;
  }
  return passed;
}

INLINED json_match match_json(const uint8_t *line, size_t count, const json_lines *known, uint32_t group, size_t number,
                              json_tools tools) {
  json_guess guess = {NULL, NULL};
  if (number < known->line_count && known->lines[number].group == group) {
    guess = (json_guess){&known->heads[known->lines[number].head], &known->lines[number]};
  }
  const json_found found = find(line, 0, count, known, group, guess, false, tools);
  if (!found.like.line) return (json_match){SIZE_MAX, 0, 0, false, false, false};
  return (json_match){(size_t)(found.like.line - known->lines), found.start, found.text.end, found.text.has_escape,
                      found.text.is_quiet, may_tell(found.like.line, &found.text, known)};
}

bool line_is_known_json(const uint8_t *line, size_t count, size_t text_start, size_t text_end, const json_lines *known,
                        uint32_t group) {
  for (size_t index = 0; index < known->line_count; index++) {
    const json_line *other = &known->lines[index];
    const line_head *head = &known->heads[other->head];
    if (other->group != group || head->count != text_start || !has_head(line, count, head)) continue;
    if (end_of_line(line, text_end, count, known, other, false, portable) != 0) return true;
  }
  return false;
}

INLINED size_t scan_json_pairs(const uint8_t *base, size_t start, size_t end, const json_lines *known, size_t number,
                               const pair_form *form, size_t limit, pair_line *found, size_t most, json_tools tools,
                               pair_search find_pair) {
  size_t count = 0;
  const json_line *line = &known->lines[number];
  const line_head *head = &known->heads[line->head];
  while (line->group == 0 && count < most && start < end && tools.is_head(base + start, end - start, head)) {
    const size_t text = start + head->count;
    if (text >= end || (line->may_tell && has_byte(&known->telling, base[text]))) break;
    const pair_place pair = find_pair(base, text, end, form);
    // A name with a quote or an escape is no name of ours, and its line ends the run.
    if (pair.end == 0 || base[pair.end] != '"') break;
    const size_t next = end_of_line(base, pair.end, end, known, line, true, tools);
    if (next == 0 || next - 1 - start > limit) break;
    found[count++] = (pair_line){start, text, pair.sign, pair.end, next};
    start = next;
  }
  return count;
}

size_t line_scan_json_pairs_portable(const uint8_t *base, size_t start, size_t end, const json_lines *known, size_t number,
                                     const pair_form *form, size_t limit, pair_line *found, size_t most) {
  return scan_json_pairs(base, start, end, known, number, form, limit, found, most, portable, find_pair);
}

lines_passed line_scan_json_portable(const uint8_t *base, size_t start, size_t end, const json_lines *known,
                                     size_t limit) {
  return scan_json(base, start, end, known, limit, portable);
}

#if HAS_AVX2_VARIANT
AVX2 static lines_passed scan_json_avx2(const uint8_t *base, size_t start, size_t end, const json_lines *known,
                                        size_t limit) {
  return scan_json(base, start, end, known, limit, with_avx2);
}

AVX2 static json_match match_json_avx2(const uint8_t *line, size_t count, const json_lines *known, uint32_t group,
                                       size_t guess) {
  return match_json(line, count, known, group, guess, with_avx2);
}

AVX2 static size_t scan_json_pairs_avx2(const uint8_t *base, size_t start, size_t end, const json_lines *known,
                                        size_t number, const pair_form *form, size_t limit, pair_line *found,
                                        size_t most) {
  return scan_json_pairs(base, start, end, known, number, form, limit, found, most, with_avx2, find_pair_avx2);
}
#endif

size_t line_scan_json_pairs(const uint8_t *base, size_t start, size_t end, const json_lines *known, size_t number,
                            const pair_form *form, size_t limit, pair_line *found, size_t most) {
#if HAS_AVX2_VARIANT
  if (CAN_AVX2()) return scan_json_pairs_avx2(base, start, end, known, number, form, limit, found, most);
#endif
  return line_scan_json_pairs_portable(base, start, end, known, number, form, limit, found, most);
}

lines_passed line_scan_json(const uint8_t *base, size_t start, size_t end, const json_lines *known, size_t limit) {
#if HAS_AVX2_VARIANT
  if (CAN_AVX2()) return scan_json_avx2(base, start, end, known, limit);
#endif
  return line_scan_json_portable(base, start, end, known, limit);
}

json_match line_match_json(const uint8_t *line, size_t count, const json_lines *known, uint32_t group, size_t guess) {
#if HAS_AVX2_VARIANT
  if (CAN_AVX2()) return match_json_avx2(line, count, known, group, guess);
#endif
  return match_json(line, count, known, group, guess, portable);
}
