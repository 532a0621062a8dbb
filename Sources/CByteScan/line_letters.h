#ifndef CORRPARSE_LINE_LETTERS_H
#define CORRPARSE_LINE_LETTERS_H

#include "line_head.h"

static inline bool is_letter(uint8_t byte) { return (uint8_t)((byte | 0x20) - 'a') < 26; }

/// Whether a text begins with two letters as no text does that is made of the words. Most texts do.
static inline bool begins_otherwise(const uint8_t *text, const line_letters *letters) {
  if (!is_letter(text[0]) || !is_letter(text[1])) return false;
  return !(letters->starts[(text[0] | 0x20) - 'a'] >> ((text[1] | 0x20) - 'a') & 1);
}

/// Whether the letters of a line from `at` on, up to its LF or `end`, begin with the word's letters from the one with number `from` on.
/// Where `has_escapes`, a backslash and the byte behind it are no letters.
bool letters_go_on(const uint8_t *at, const uint8_t *end, const line_word *word, size_t from, bool has_escapes);

/// Whether the first word stands in a text, other bytes than letters left out.
bool has_first_word(const uint8_t *text, const uint8_t *end, const line_letters *letters, bool has_escapes);

/// Whether the first word stands around `twin`, the second of its twins, in the line that begins at `line`.
bool has_first_word_at(const uint8_t *line, const uint8_t *twin, const uint8_t *end, const line_letters *letters);

#endif
