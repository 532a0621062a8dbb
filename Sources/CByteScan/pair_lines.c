#include "pair_lines.h"

bool pair_form_of(uint8_t sign, byte_set value, uint8_t not_last, pair_form *form) {
  if (has_byte(&value, sign) || has_byte(&value, '\n') || value.words[2] || value.words[3]) return false;
  *form = (pair_form){.sign = sign, .value = value, .not_last = not_last};
  for (uint8_t byte = 0; byte < 128; byte++) {
    if (has_byte(&value, byte)) form->rows[byte & 15] |= (uint8_t)(1 << (byte >> 4));
  }
  return true;
}

typedef bool (*head_search)(const uint8_t *, size_t, const line_head *);

// Whether a line begins as the head with a number says, and not as one before it does.
INLINED bool begins_first(const uint8_t *line, size_t room, const line_head *heads, size_t number, head_search is_head) {
  if (!is_head(line, room, &heads[number])) return false;
  for (size_t index = 0; index < number; index++) {
    if (is_head(line, room, &heads[index])) return false;
  }
  return true;
}

INLINED size_t scan_text_pairs(const uint8_t *base, size_t start, size_t end, const line_head *heads, size_t number,
                               const pair_form *form, size_t limit, pair_line *found, size_t most, head_search is_head,
                               pair_search find) {
  size_t count = 0;
  // A head holds no LF, so that only bytes of the line itself can be like it.
  while (count < most && start < end && begins_first(base + start, end - start, heads, number, is_head)) {
    const size_t text = start + heads[number].count;
    if (text >= end) break;
    const pair_place pair = find(base, text, end, form);
    if (pair.end == 0) break;
    const size_t line_end = base[pair.end] == '\r' && pair.end + 1 < end ? pair.end + 1 : pair.end;
    if (base[line_end] != '\n' || line_end - start > limit) break;
    found[count++] = (pair_line){start, text, pair.sign, pair.end, line_end + 1};
    start = line_end + 1;
  }
  return count;
}

#if HAS_AVX2_VARIANT
AVX2 static size_t scan_text_pairs_avx2(const uint8_t *base, size_t start, size_t end, const line_head *heads, size_t number,
                                        const pair_form *form, size_t limit, pair_line *found, size_t most) {
  return scan_text_pairs(base, start, end, heads, number, form, limit, found, most, has_head_avx2, find_pair_avx2);
}
#endif

size_t line_scan_text_pairs(const uint8_t *base, size_t start, size_t end, const line_head *heads, size_t number,
                            const pair_form *form, size_t limit, pair_line *found, size_t most) {
#if HAS_AVX2_VARIANT
  if (CAN_AVX2()) return scan_text_pairs_avx2(base, start, end, heads, number, form, limit, found, most);
#endif
  return line_scan_text_pairs_portable(base, start, end, heads, number, form, limit, found, most);
}

size_t line_scan_text_pairs_portable(const uint8_t *base, size_t start, size_t end, const line_head *heads, size_t number,
                                     const pair_form *form, size_t limit, pair_line *found, size_t most) {
  return scan_text_pairs(base, start, end, heads, number, form, limit, found, most, has_head, find_pair);
}
