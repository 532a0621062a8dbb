#define _GNU_SOURCE
#include "line_head.h"
#include "line_letters.h"
#include "rare_texts.h"

#include <string.h>

static inline uint8_t name_start(const uint8_t *name) { return (uint8_t)(name[0] * 31 + name[1]); }

// Takes note of how a name of so many bytes starts.
static void note_start(text_lines *lines, const uint8_t *name, size_t length) {
  if (length < 2) {
    memset(lines->name_starts, true, sizeof(lines->name_starts));
  } else {
    lines->name_starts[name_start(name)] = true;
  }
}

void text_lines_forget_names(text_lines *lines, size_t kept) {
  if (kept < lines->name_count) lines->name_count = kept;
  memset(lines->name_starts, 0, sizeof(lines->name_starts));
  for (size_t index = 0; index < lines->name_count; index++) {
    uint8_t bytes[8], mask[8];
    memcpy(bytes, &lines->names[index].bytes, 8);
    memcpy(mask, &lines->names[index].mask, 8);
    note_start(lines, bytes, mask[1] ? 2 : 1);
  }
}

bool text_lines_add_name(text_lines *lines, const uint8_t *name, size_t length) {
  if (lines->name_count == LINE_NAME_LIMIT) return false;
  note_start(lines, name, length);
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
  if (room >= count + 2 && !lines->name_starts[name_start(line + count)]) return line_record;
  return is_looked_out_name(line + count, room - count, lines) ? line_unclear : line_record;
}

static line_kind kind_of(const uint8_t *line, size_t room, const text_lines *lines, const line_openings *openings) {
  if (lines->head.count > 0 && has_head(line, room, &lines->head)) return kind_with_head(line, room, lines);
  return kind_without_head(line, room, openings);
}

static inline void pass_line(lines_passed *passed, const uint8_t *base, size_t begin, line_kind kind) {
  passed->lines++;
  if (kind == line_record) {
    passed->records++;
    passed->last_record = begin;
  } else {
    const bool is_empty = base[begin] == '\n' || (base[begin] == '\r' && base[begin + 1] == '\n');
    passed->others += is_empty ? 0 : 1;
    // If no record is passed over, all other lines count as standing before the first record.
    if (passed->records == 0) passed->others_before = passed->others;
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
    if (memchr(line, lines->stop, length) || has_first_word(line, stop, &lines->letters, false) ||
        rare_texts_stand(line, 0, length, &lines->rare)) {
      return passed;
    }
    pass_line(&passed, base, passed.position, kind);
    passed.position += length + 1;
  }
  return passed;
}

static lines_passed nothing_passed(size_t start) { return (lines_passed){start, 0, 0, 0, 0, SIZE_MAX}; }

lines_passed line_scan_text_portable(const uint8_t *base, size_t start, size_t end, const text_lines *lines,
                                     line_openings openings) {
  return scan_text(nothing_passed(start), base, end, lines, &openings);
}

#if HAS_AVX2_VARIANT
AVX2 static __attribute__((noinline)) line_kind kind_of_short_line_avx2(const uint8_t *line, size_t room, const text_lines *lines,
                                                                        const line_openings *openings) {
  const bool is_record = lines->head.count > 0 && has_head_avx2(line, room, &lines->head);
  return is_record ? kind_with_head(line, room, lines) : kind_without_head(line, room, openings);
}

// Most lines have the head, and nearly all heads are of at most 32 bytes: these are compared here, all others in functions of their own.
AVX2 INLINED line_kind kind_of_avx2(const uint8_t *line, size_t room, const text_lines *lines, const line_openings *openings) {
  const line_head *head = &lines->head;
  if (room < LINE_HEAD_LIMIT + 2 || head->count > 32 || head->count == 0) {
    return kind_of_short_line_avx2(line, room, lines, openings);
  }
  if (!is_whole_avx2(part_avx2(line, head, 0))) return kind_without_head(line, room, openings);
  return kind_with_head(line, room, lines);
}

// Where twins stand in the letters of sixty-four bytes: a letter of this kind whose next letter is of the kind too, whatever bytes stand
// between the two. The sum carries a bit from behind each of them over the other bytes to the next letter. `carry` is 1 where the bytes
// before ended in such a search.
INLINED uint64_t second_twins(uint64_t kind, uint64_t letters, uint64_t *carry) {
  const uint64_t behind = kind << 1 | *carry, sum = behind + ~letters;
  *carry = (sum < behind) | kind >> 63;
  return sum & kind;
}

// The ends of lines, the stop byte and the rare byte as a table by their lower halves: a byte is one of them if the table has it in the
// place of its lower half. False where the table cannot hold them.
static bool make_table(uint8_t table[16], const text_lines *lines) {
  const uint8_t bytes[3] = {'\n', lines->stop, lines->rare.byte};
  memset(table, 0, 16);
  // Nothing has a lower half of 0 but where its table has it: this 1 stands there for no byte.
  table[0] = 1;
  for (size_t index = 0; index < 3; index++) {
    const uint8_t place = bytes[index] & 15, empty = place == 0 ? 1 : 0;
    if (bytes[index] >= 0x80 || table[place] != empty) return false;
    table[place] = bytes[index];
  }
  return true;
}

// Whether a line has to be looked at for a marked byte that is no end of a line: the stop byte, the rare byte, or the second of twins.
static __attribute__((noinline)) bool is_to_be_looked_at(const uint8_t *line, const uint8_t *at, const uint8_t *end,
                                                         const text_lines *lines) {
  if (*at == lines->stop || rare_text_stands_at(at, line, end, &lines->rare)) return true;
  return (*at | 0x20) == lines->letters.words[0].bytes[lines->letters.twins] &&
         has_first_word_at(line, at, end, &lines->letters);
}

// Sixty-four bytes at a time.
AVX2 static lines_passed scan_text_avx2(const uint8_t *base, size_t start, size_t end, const text_lines *lines,
                                        const line_openings *openings, const uint8_t marked[16]) {
  lines_passed passed = nothing_passed(start);
  const size_t step = 64;
  const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)marked));
  // Letters in any case become the 26 least signed numbers.
  const __m256i fold = _mm256_set1_epi8(0x20), down = _mm256_set1_epi8((char)('a' - 0x80)), most = _mm256_set1_epi8(-128 + 26);
  const __m256i twin = _mm256_set1_epi8((char)lines->letters.words[0].bytes[lines->letters.twins]);
  uint64_t carry = 0;
  if (start == end) return passed;
  line_kind kind = kind_of_avx2(base + start, end - start, lines, openings);
  if (kind == line_unclear) return passed;
  for (size_t position = start; position + step <= end; position += step) {
    // What is looked at in these bytes, one bit each.
    uint64_t marks = 0, letters = 0, twins = 0;
    for (size_t half = 0; half < step; half += 32) {
      const __m256i bytes = _mm256_loadu_si256((const __m256i *)(base + position + half));
      const __m256i folded = _mm256_or_si256(bytes, fold), letter = _mm256_cmpgt_epi8(most, _mm256_sub_epi8(folded, down));
      letters |= (uint64_t)(uint32_t)_mm256_movemask_epi8(letter) << half;
      twins |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(folded, twin)) << half;
      marks |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, bytes), bytes)) << half;
    }
    marks |= second_twins(twins, letters, &carry);
    for (; marks; marks = _blsr_u64(marks)) {
      const size_t place = position + _tzcnt_u64(marks);
      if (base[place] != '\n') {
        if (is_to_be_looked_at(base + passed.position, base + place, base + end, lines)) return passed;
        continue;
      }
      pass_line(&passed, base, passed.position, kind);
      passed.position = place + 1;
      if (passed.position == end) return passed;
      kind = kind_of_avx2(base + passed.position, end - passed.position, lines, openings);
      if (kind == line_unclear) return passed;
    }
  }
  // The rest is shorter than a step; the line at hand may begin before it.
  return scan_text(passed, base, end, lines, openings);
}
#endif

lines_passed line_scan_text(const uint8_t *base, size_t start, size_t end, const text_lines *lines,
                            line_openings openings) {
#if HAS_AVX2_VARIANT
  uint8_t marked[16];
  if (CAN_AVX2() && make_table(marked, lines)) return scan_text_avx2(base, start, end, lines, &openings, marked);
#endif
  return line_scan_text_portable(base, start, end, lines, openings);
}

size_t line_scan_last_line_end(const uint8_t *base, size_t start, size_t end) {
  const uint8_t *found = end > start ? memrchr(base + start, '\n', end - start) : NULL;
  return found ? (size_t)(found - base) + 1 : start;
}
