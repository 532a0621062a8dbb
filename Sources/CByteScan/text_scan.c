#define _GNU_SOURCE
#include "line_head.h"
#include "line_letters.h"

#include <string.h>

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

// The names looked out for are compared in a function of their own, because the first two bytes of most names rule them out.
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
  while (passed.position < end) {
    const uint8_t *line = base + passed.position;
    const line_kind kind = kind_of(line, end - passed.position, lines, openings);
    if (kind == line_unclear) return passed;
    const uint8_t *stop = memchr(line, '\n', end - passed.position);
    const size_t length = (size_t)(stop - line);
    if (memchr(line, lines->stop, length) || has_first_word(line, stop, &lines->letters, false)) return passed;
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

// Where twins stand in the letters of sixty-four bytes: a letter of this kind whose next letter is of the kind too, whatever bytes stand
// between the two. The sum carries a bit from behind each of them over the other bytes to the next letter. `carry` is 1 where the bytes
// before ended in such a search.
INLINED uint64_t second_twins(uint64_t kind, uint64_t letters, uint64_t *carry) {
  const uint64_t behind = kind << 1 | *carry, sum = behind + ~letters;
  *carry = (sum < behind) | kind >> 63;
  return sum & kind;
}

// Sixty-four bytes at a time: where lines end, and where the stop byte or the twins of the first word stand.
AVX2 static lines_passed scan_text_avx2(const uint8_t *base, size_t start, size_t end, const text_lines *lines,
                                        const line_openings *openings) {
  lines_passed passed = nothing_passed(start);
  const size_t step = 64;
  const __m256i newline = _mm256_set1_epi8('\n'), stop = _mm256_set1_epi8((char)lines->stop);
  const __m256i fold = _mm256_set1_epi8(0x20), a = _mm256_set1_epi8('a'), z = _mm256_set1_epi8('z' - 'a');
  const __m256i twin = _mm256_set1_epi8((char)lines->letters.words[0].bytes[lines->letters.twins]);
  size_t position = start;
  uint64_t carry = 0;
  line_kind kind = start < end ? kind_of_avx2(base + start, end - start, lines, openings) : line_other;
  if (kind == line_unclear) return passed;
  while (position + step <= end) {
    uint64_t ends = 0, special = 0, letters = 0, twins = 0;
    for (size_t half = 0; half < step; half += 32) {
      const __m256i bytes = _mm256_loadu_si256((const __m256i *)(base + position + half));
      const __m256i folded = _mm256_or_si256(bytes, fold), letter = _mm256_sub_epi8(folded, a);
      letters |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(letter, z), letter)) << half;
      twins |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(folded, twin)) << half;
      ends |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, newline)) << half;
      special |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, stop)) << half;
    }
    special |= second_twins(twins, letters, &carry);
    while (special | ends) {
      if (special && (!ends || _tzcnt_u64(special) < _tzcnt_u64(ends))) {
        const uint8_t *place = base + position + _tzcnt_u64(special);
        if (*place == lines->stop || has_first_word_at(base + passed.position, place, base + end, &lines->letters)) {
          return finished(passed);
        }
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
