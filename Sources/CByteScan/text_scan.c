#define _GNU_SOURCE
#include "line_head.h"

#include <string.h>

static uint8_t folded(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte; }

line_words line_words_of(const uint8_t *bytes, size_t count) {
  line_words words = {{0}, count, 1};
  memcpy(words.bytes, bytes, count);
  while (words.mark + 1 < count - 1 && bytes[words.mark] >= 'a' && bytes[words.mark] <= 'z') words.mark++;
  return words;
}

static inline uint8_t name_start(const uint8_t *name) { return (uint8_t)(name[0] * 31 + name[1]); }

void text_lines_forget_names(text_lines *lines) {
  lines->name_count = 0;
  lines->name_starts = (byte_set){{0}};
}

bool text_lines_add_name(text_lines *lines, const uint8_t *name, size_t length) {
  if (lines->name_count == LINE_NAME_LIMIT) return false;
  if (length < 2) {
    memset(&lines->name_starts, 0xFF, sizeof(lines->name_starts));
  } else {
    const uint8_t start = name_start(name);
    lines->name_starts.words[start >> 6] |= (uint64_t)1 << (start & 63);
  }
  line_name *added = &lines->names[lines->name_count++];
  *added = (line_name){0, 0};
  memcpy(&added->bytes, name, length < 8 ? length : 8);
  memset(&added->mask, 0xFF, length < 8 ? length : 8);
  return true;
}

// Most names do not begin like one that is looked out for, so this is apart from them.
static __attribute__((noinline)) bool is_looked_out_name(const uint8_t *name, size_t room, const text_lines *lines) {
  uint64_t bytes = 0;
  memcpy(&bytes, name, room < 8 ? room : 8);
  bool found = false;
  for (size_t index = 0; index < lines->name_count; index++) {
    found |= (bytes & lines->names[index].mask) == lines->names[index].bytes;
  }
  return found;
}

typedef enum { line_other, line_record, line_unclear } line_kind;

// A line without the head is unclear where it may begin a record of any kind. Most lines have the head, so this is apart from them.
static __attribute__((noinline)) line_kind kind_without_head(const uint8_t *line, size_t room, const line_openings *openings) {
  for (uint32_t ways = openings->first[line[0]]; ways != 0; ways &= ways - 1) {
    if (line_begins(&openings->ways[__builtin_ctz(ways)], line, room) != line_begins_otherwise) return line_unclear;
  }
  return line_other;
}

INLINED line_kind kind_with_head(const uint8_t *line, size_t room, const text_lines *lines) {
  const size_t count = lines->head.count;
  if (room >= count + 2 && !has_byte(&lines->name_starts, name_start(line + count))) return line_record;
  return is_looked_out_name(line + count, room - count, lines) ? line_unclear : line_record;
}

static line_kind kind_of(const uint8_t *line, size_t room, const text_lines *lines, const line_openings *openings) {
  if (lines->head.count > 0 && has_head(line, room, &lines->head)) return kind_with_head(line, room, lines);
  return kind_without_head(line, room, openings);
}

static bool has_words(const uint8_t *text, size_t room, const line_words *words) {
  if (room < words->count) return false;
  for (size_t index = 0; index < words->count; index++) {
    if (folded(text[index]) != words->bytes[index]) return false;
  }
  return true;
}

static inline void pass_line(lines_passed *passed, const uint8_t *base, size_t next, line_kind kind) {
  const size_t begin = passed->position;
  passed->lines++;
  passed->position = next;
  if (kind == line_record) {
    if (passed->records == 0) passed->others_before = passed->others;
    passed->records++;
    passed->last_record = begin;
  } else {
    const bool is_empty = base[begin] == '\n' || (base[begin] == '\r' && base[begin + 1] == '\n');
    passed->others += is_empty ? 0 : 1;
  }
}

static lines_passed scan_text(lines_passed passed, const uint8_t *base, size_t end, const text_lines *lines,
                              const line_openings *openings) {
  const line_words *words = &lines->words;
  while (passed.position < end) {
    const uint8_t *line = base + passed.position;
    const line_kind kind = kind_of(line, end - passed.position, lines, openings);
    if (kind == line_unclear) return passed;
    const uint8_t *stop = memchr(line, '\n', end - passed.position);
    const size_t length = (size_t)(stop - line);
    if (memchr(line, lines->stop, length)) return passed;
    const uint8_t mark = words->bytes[words->mark];
    for (const uint8_t *found = line; (found = memchr(found, mark, (size_t)(stop - found))); found++) {
      if ((size_t)(found - line) < words->mark) continue;
      const uint8_t *start = found - words->mark;
      if (has_words(start, (size_t)(stop - start), words)) return passed;
    }
    pass_line(&passed, base, passed.position + length + 1, kind);
  }
  return passed;
}

static lines_passed nothing_passed(size_t start) { return (lines_passed){start, 0, 0, 0, 0, SIZE_MAX}; }

// If no record was passed over, all other lines count as standing before the first record.
static lines_passed finished(lines_passed passed) {
  if (passed.records == 0) passed.others_before = passed.others;
  return passed;
}

lines_passed line_scan_text_portable(const uint8_t *base, size_t start, size_t end, const text_lines *lines,
                                     line_openings openings) {
  return finished(scan_text(nothing_passed(start), base, end, lines, &openings));
}

#if HAS_AVX2_VARIANT
AVX2 INLINED line_kind kind_of_avx2(const uint8_t *line, size_t room, const text_lines *lines,
                                          const line_openings *openings) {
  if (lines->head.count > 0 && has_head_avx2(line, room, &lines->head)) {
    return kind_with_head(line, room, lines);
  }
  return kind_without_head(line, room, openings);
}

AVX2 static inline __m256i fold_of(uint8_t byte) { return _mm256_set1_epi8(byte >= 'a' && byte <= 'z' ? 0x20 : 0); }

// Sixty-four bytes at a time: where lines end, and where the stop byte or the words may stand. The words are looked for by three of
// their bytes that seldom meet: the first, the one that is no letter, and the one behind it.
AVX2 static lines_passed scan_text_avx2(const uint8_t *base, size_t start, size_t end, const text_lines *lines,
                                        const line_openings *openings) {
  lines_passed passed = nothing_passed(start);
  const line_words *words = &lines->words;
  const size_t step = 64, ahead = LINE_WORDS_LIMIT, mark = words->mark;
  const __m256i newline = _mm256_set1_epi8('\n'), stop = _mm256_set1_epi8((char)lines->stop);
  const __m256i first = _mm256_set1_epi8((char)words->bytes[0]), first_fold = fold_of(words->bytes[0]);
  const __m256i second = _mm256_set1_epi8((char)words->bytes[mark]);
  const __m256i third = _mm256_set1_epi8((char)words->bytes[mark + 1]), third_fold = fold_of(words->bytes[mark + 1]);
  size_t position = start;
  line_kind kind = start < end ? kind_of_avx2(base + start, end - start, lines, openings) : line_other;
  if (kind == line_unclear) return passed;
  while (position + step + ahead <= end) {
    uint64_t ends = 0, special = 0;
    for (size_t half = 0; half < step; half += 32) {
      const uint8_t *at = base + position + half;
      const __m256i bytes = _mm256_loadu_si256((const __m256i *)at);
      const __m256i marks = _mm256_loadu_si256((const __m256i *)(at + mark));
      const __m256i behind = _mm256_loadu_si256((const __m256i *)(at + mark + 1));
      const __m256i may_be_words = _mm256_and_si256(
          _mm256_cmpeq_epi8(_mm256_or_si256(bytes, first_fold), first),
          _mm256_and_si256(_mm256_cmpeq_epi8(marks, second),
                           _mm256_cmpeq_epi8(_mm256_or_si256(behind, third_fold), third)));
      const __m256i is_special = _mm256_or_si256(may_be_words, _mm256_cmpeq_epi8(bytes, stop));
      ends |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, newline)) << half;
      special |= (uint64_t)(uint32_t)_mm256_movemask_epi8(is_special) << half;
    }
    while (special | ends) {
      if (special && (!ends || _tzcnt_u64(special) < _tzcnt_u64(ends))) {
        const size_t place = position + _tzcnt_u64(special);
        if (base[place] == lines->stop || has_words(base + place, end - place, words)) return finished(passed);
        special = _blsr_u64(special);
        continue;
      }
      const size_t next = position + _tzcnt_u64(ends) + 1;
      ends = _blsr_u64(ends);
      pass_line(&passed, base, next, kind);
      if (next == end) return finished(passed);
      kind = kind_of_avx2(base + next, end - next, lines, openings);
      if (kind == line_unclear) return finished(passed);
    }
    position += step;
  }
  // The rest is shorter than a step; the line at hand may begin before it.
  return finished(scan_text(passed, base, end, lines, openings));
}
#endif

lines_passed line_scan_text(const uint8_t *base, size_t start, size_t end, const text_lines *lines,
                            line_openings openings) {
#if HAS_AVX2_VARIANT
  if (CAN_AVX2()) return scan_text_avx2(base, start, end, lines, &openings);
#endif
  return line_scan_text_portable(base, start, end, lines, openings);
}

size_t line_scan_last_line_end(const uint8_t *base, size_t start, size_t end) {
  const uint8_t *found = end > start ? memrchr(base + start, '\n', end - start) : NULL;
  return found ? (size_t)(found - base) + 1 : start;
}
