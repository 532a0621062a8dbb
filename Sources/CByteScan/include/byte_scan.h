#ifndef CORRPARSE_BYTE_SCAN_H
#define CORRPARSE_BYTE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Searches over whole chunks of a log, many bytes at a time.
//
// A search passes over lines that look like lines which the scanner has read, and stops at the first that does not. What such lines
// look like is handed to it as data: no format of a log is known here. The functions read no byte at or behind `end`, keep nothing
// and allocate nothing.

enum {
  /// The longest beginning of a line that can be compared.
  LINE_HEAD_LIMIT = 96,
  /// The most names that can be looked out for.
  LINE_NAME_LIMIT = 24,
  /// The most runs of one way to begin a line.
  LINE_RUN_LIMIT = 8,
  /// The most words of which a line's letters can consist, and the longest of them.
  LINE_WORD_LIMIT = 8,
  LINE_WORD_LENGTH = 32,
  /// The longest text of a JSON line that is passed over.
  LINE_TEXT_LIMIT = 65536,
  /// The most pieces of a JSON line's end.
  LINE_PIECE_LIMIT = 8,
  /// The most rare texts, and the length that all of them have.
  RARE_TEXT_LIMIT = 4,
  RARE_TEXT_LENGTH = 8,
  /// The longest name of a pair.
  PAIR_NAME_LIMIT = 31,
};

// MARK: How lines begin

/// A set of bytes; byte b is bit b % 64 of word b / 64.
typedef struct {
  uint64_t words[4];
} byte_set;

/// Bytes of one set, one behind the other.
typedef struct {
  byte_set bytes;
  /// How many there are at least; not 0.
  size_t least;
  /// How many are taken at most. A run takes as many as there are.
  size_t most;
} byte_run;

/// One way to begin a line: runs, one behind the other.
typedef struct {
  byte_run runs[LINE_RUN_LIMIT];
  size_t count;
} line_opening;

/// Adds a run to a way; false where there are too many.
bool line_opening_add(line_opening *opening, byte_run run);

/// Whether a line begins in this way. A LF ends the line, and belongs to no set.
typedef enum {
  line_begins_otherwise,
  line_begins_so,
  /// The text ends before that is clear.
  line_may_begin_so,
} line_beginning;

line_beginning line_begins(const line_opening *opening, const uint8_t *line, size_t room);

/// All ways in which a line can begin, at most 32.
typedef struct {
  /// For each first byte the ways that it begins, one bit each.
  const uint32_t *first;
  const line_opening *ways;
} line_openings;

/// The bytes that many lines of a log begin with, equal but for digits in some places.
typedef struct {
  /// The least byte that may stand in a place, and how far others may lie above it: 9 above `0` for a digit, else 0. Behind the
  /// head's end any byte may stand: 255 above 0.
  uint8_t least[LINE_HEAD_LIMIT], above[LINE_HEAD_LIMIT];
  /// How many bytes; 0 where no line is like this.
  size_t count;
} line_head;

/// A head of `count` bytes, at most LINE_HEAD_LIMIT. Digits from `digits_start` to `digits_end` may be any others.
line_head line_head_of(const uint8_t *bytes, size_t count, size_t digits_start, size_t digits_end);

/// Whether a line begins as the head says.
bool line_head_matches(const line_head *head, const uint8_t *line, size_t length);

/// The number of the first of several heads that a line begins with. `count` if it begins with none.
size_t line_head_first(const line_head *heads, size_t count, const uint8_t *line, size_t length);

// MARK: Letters

/// A word in lower case.
typedef struct {
  uint8_t bytes[LINE_WORD_LENGTH];
  size_t count;
} line_word;

/// Words of which the letters of a text may consist, in any case. Other bytes, between the letters of a word too, do not count.
typedef struct {
  /// Each begins with another letter. The first one must be there, once; its first letter stands in it only once.
  line_word words[LINE_WORD_LIMIT];
  size_t count;
  /// Where the first word has the same letter twice, one behind the other. It is looked for by these, which are rare.
  size_t twins;
  /// For each letter the letters that can stand behind it at the beginning of a text that is made of the words, one bit each.
  uint32_t starts[26];
} line_letters;

/// Adds a word; false where there are too many, or the word is too long or has other bytes than letters in lower case.
bool line_letters_add(line_letters *letters, const uint8_t *word, size_t count);

/// Whether the letters of a text are these words and nothing else.
bool line_has_only(const line_letters *letters, const uint8_t *text, size_t count);

// MARK: Rare texts

/// Short texts that are looked for together. All have the same byte in the same place; the seldomer it is, the faster the search.
typedef struct {
  /// Each text as a number in the machine's order, as memcpy gives it.
  uint64_t texts[RARE_TEXT_LIMIT];
  size_t count;
  /// The byte, and its place in the texts.
  uint8_t byte;
  size_t place;
} rare_texts;

/// Adds a text of RARE_TEXT_LENGTH bytes; false where there are too many, or where it has another byte in the place.
bool rare_texts_add(rare_texts *texts, const uint8_t *text);

/// Whether one of the texts stands from `start` on and wholly before `end`.
bool rare_texts_stand(const uint8_t *base, size_t start, size_t end, const rare_texts *texts);

// MARK: Text lines

/// A beginning of at most eight bytes that the text behind a head may have.
typedef struct {
  /// The bytes as a number in the machine's order, as memcpy gives it.
  uint64_t bytes;
  /// 0xFF for each byte that counts.
  uint64_t mask;
} line_name;

/// Text lines to be passed over.
typedef struct {
  /// What a record begins with, up to the name of its source.
  line_head head;
  /// Sources whose records are to be looked at.
  line_name names[LINE_NAME_LIMIT];
  size_t name_count;
  /// For what the first two bytes of a name come to, whether one of these names has it. Most other names have not.
  bool name_starts[256];
  /// Lines with the first of these words in their letters, with a rare text or with the stop byte are to be looked at.
  line_letters letters;
  rare_texts rare;
  uint8_t stop;
} text_lines;

/// Looks out for no name any more but for the first `kept` ones, which are not more than there are.
void text_lines_forget_names(text_lines *lines, size_t kept);

/// Adds the name of a source that is looked out for; false where there are too many.
bool text_lines_add_name(text_lines *lines, const uint8_t *name, size_t length);

/// What came of passing over lines.
typedef struct {
  /// The beginning of the line that it stopped at, or `end`.
  size_t position;
  /// Lines passed over.
  size_t lines;
  /// How many of these lines begin as the head says.
  size_t records;
  /// Lines that are neither records nor empty, and how many of these stand before the first record.
  size_t others, others_before;
  /// The beginning of the last record. SIZE_MAX if no record was passed over.
  size_t last_record;
} lines_passed;

/// Passes over text lines from `start`, the beginning of a line, to `end`, which stands behind a LF.
///
/// A line is passed over if it has neither the word nor a rare text nor the stop byte in it, and either begins as the head says with a
/// source that is not looked out for, or begins in none of the ways that `openings` names.
lines_passed line_scan_text(const uint8_t *base, size_t start, size_t end, const text_lines *lines,
                            line_openings openings);

// MARK: JSON lines

/// A line that is an object of JSON: a head, a text without its quotes, and from its closing quote on pieces with a scalar value
/// between each two.
typedef struct {
  /// The pieces: where each begins in the store, and how long it is.
  struct {
    uint32_t start, count;
  } pieces[LINE_PIECE_LIMIT];
  uint32_t piece_count;
  /// The number of its head.
  uint32_t head;
  /// Only lines of one group are compared with each other.
  uint32_t group;
  /// Whether a text that begins with one of the telling bytes may tell something.
  bool may_tell;
  /// Whether such lines are to be looked at in any case.
  bool is_attentive;
  /// How many such lines were passed over, and where the last of them begins. SIZE_MAX if none was.
  size_t passed, last;
} json_line;

/// Adds a piece to a line; false where there are too many.
bool json_line_add_piece(json_line *line, uint32_t start, uint32_t count);

/// JSON lines that are known.
typedef struct {
  const line_head *heads;
  size_t head_count;
  json_line *lines;
  size_t line_count;
  /// The bytes of all pieces.
  const uint8_t *store;
  /// The first byte of a line of the text that has to be looked at.
  uint8_t mark;
  /// The first byte of a marker, behind which such a line may stand.
  uint8_t group_mark;
  /// First bytes of texts that may tell something.
  byte_set telling;
  /// A line of the text whose letters are these words has to be looked at.
  const line_letters *letters;
  /// A line with one of these texts in its text or in a value has to be looked at. No head and no piece has one.
  const rare_texts *rare;
} json_lines;

/// What a line is.
typedef struct {
  /// The number of the known line that it is like. SIZE_MAX if it is like no known line.
  size_t line;
  size_t text_start, text_end;
  bool has_escape;
  /// The text has no rare text, and no line of it begins with the mark or has the letters that are looked for.
  bool is_quiet;
  /// The text may tell something.
  bool may_tell;
} json_match;

/// Compares one line, without its LF, with the known lines, first with the one with the number `guess`.
/// A number that no line has stands for no guess.
json_match line_match_json(const uint8_t *line, size_t count, const json_lines *known, uint32_t group, size_t guess);

/// Whether a line equals a known line in everything but its text. The text lies from `text_start` to `text_end`, and any text will do.
bool line_is_known_json(const uint8_t *line, size_t count, size_t text_start, size_t text_end, const json_lines *known,
                        uint32_t group);

/// Passes over JSON lines from `start`, the beginning of a line, to `end`, which stands behind a LF.
///
/// A line is passed over if it is one of the group 0 that are known, has at most `limit` bytes, is quiet and tells nothing.
lines_passed line_scan_json(const uint8_t *base, size_t start, size_t end, const json_lines *known, size_t limit);

// MARK: Lines of pairs

/// How a text is written that is one pair: a name, a sign and a value. Any bytes but the sign may stand in the name.
typedef struct {
  uint8_t sign;
  /// The bytes that a value can have, and the one with which it does not end.
  byte_set value;
  uint8_t not_last;
  /// The same set for searches: for each lower half of a byte the upper halves, one bit each.
  uint8_t rows[16];
} pair_form;

/// A form of pairs; false where values could have the sign, a LF or bytes beyond ASCII.
bool pair_form_of(uint8_t sign, byte_set value, uint8_t not_last, pair_form *form);

/// A line whose text is one pair, as places in the bytes at hand.
typedef struct {
  /// Where the line begins.
  size_t start;
  /// The text: where it begins, its sign, and where it ends.
  size_t text, sign, text_end;
  /// Where the next line begins.
  size_t next;
} pair_line;

/// Finds the lines from `start`, the beginning of a line, that begin with the head with a number, and with none before it, and are one
/// pair behind it: as many as there are one behind the other, `most` of them. `end` stands behind a LF; a line has at most `limit` bytes.
size_t line_scan_text_pairs(const uint8_t *base, size_t start, size_t end, const line_head *heads, size_t number,
                            const pair_form *form, size_t limit, pair_line *found, size_t most);

/// Finds the same among JSON lines: lines of the group 0 that are like the known line with a number, whose text is one pair and tells
/// nothing.
size_t line_scan_json_pairs(const uint8_t *base, size_t start, size_t end, const json_lines *known, size_t number,
                            const pair_form *form, size_t limit, pair_line *found, size_t most);

// MARK: Ends of lines

/// The place behind the last LF before `end`, at or after `start`. `start` if no LF stands there.
size_t line_scan_last_line_end(const uint8_t *base, size_t start, size_t end);

/// The same as the functions above without vector instructions, which every machine can run.
lines_passed line_scan_text_portable(const uint8_t *base, size_t start, size_t end, const text_lines *lines,
                                     line_openings openings);
lines_passed line_scan_json_portable(const uint8_t *base, size_t start, size_t end, const json_lines *known,
                                     size_t limit);
size_t line_scan_text_pairs_portable(const uint8_t *base, size_t start, size_t end, const line_head *heads, size_t number,
                                     const pair_form *form, size_t limit, pair_line *found, size_t most);
size_t line_scan_json_pairs_portable(const uint8_t *base, size_t start, size_t end, const json_lines *known, size_t number,
                                     const pair_form *form, size_t limit, pair_line *found, size_t most);

#endif
