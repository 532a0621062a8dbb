#ifndef CORRPARSE_LINE_SCAN_H
#define CORRPARSE_LINE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Passes over lines of a log that say nothing, many bytes at a time, and stops at the first that may say something.
//
// These functions decide nothing: whatever is not plainly ordinary is left to the scanner, which reads it line by line. Why a
// line is ordinary stands in LineSkipper.swift. They read no byte at or behind `end`, keep nothing and allocate nothing.

enum {
  /// The longest head of a line that can be compared.
  LINE_HEAD_LIMIT = 96,
  /// The most file names that can be looked out for.
  LINE_NAME_LIMIT = 24,
  /// The longest event that is passed over.
  LINE_EVENT_LIMIT = 65536,
};

/// The bytes that many lines of a log begin with, equal but for digits.
typedef struct {
  /// The bytes; of a digit any.
  uint8_t bytes[LINE_HEAD_LIMIT];
  /// 0xFF where any digit may stand, else 0.
  uint8_t digits[LINE_HEAD_LIMIT];
  /// How many bytes; 0 where no line is like this.
  size_t count;
} line_head;

/// A head with these bytes, in which digits may differ; `count` is at most LINE_HEAD_LIMIT.
line_head line_head_of(const uint8_t *bytes, size_t count);

/// Whether a line begins as the head says.
bool line_head_matches(const line_head *head, const uint8_t *line, size_t length);

/// A beginning of at most eight bytes that the text behind a head may have.
typedef struct {
  /// The bytes as a number in the machine's order, as memcpy gives it.
  uint64_t bytes;
  /// 0xFF for each byte that counts.
  uint64_t mask;
} line_name;

/// Text lines to be passed over.
typedef struct {
  /// What a record begins with, up to the name of its file.
  line_head head;
  /// Files whose records are to be looked at.
  line_name names[LINE_NAME_LIMIT];
  size_t name_count;
} text_lines;

/// Adds the name of a file that is looked out for; false where there are too many.
bool text_lines_add_name(text_lines *lines, const uint8_t *name, size_t length);

/// What came of passing over lines.
typedef struct {
  /// The beginning of the line that it stopped at, or `end`.
  size_t position;
  /// Lines passed over.
  size_t lines;
  /// Those of them that begin as the head says.
  size_t records;
  /// Text lines before the first of these that are not empty.
  size_t loose;
  /// The beginning of the last of these; SIZE_MAX where there was none.
  size_t last_record;
} lines_passed;

/// Passes over text lines from `start`, the beginning of a line, to `end`, which stands behind a LF.
///
/// A line is passed over if it has no ESC and no "CORRELATION DATA" in any case in it, and either begins as the head says with a
/// file that is not looked out for, or can begin no record of any envelope.
lines_passed line_scan_text(const uint8_t *base, size_t start, size_t end, const text_lines *lines);

/// The end of a JSON line, from the quote behind its event on, without the line number at its end.
typedef struct {
  /// Where it begins in the store, and how long it is.
  uint32_t start, count;
  /// Whether digits and a brace follow it; if not, it is all.
  bool has_number;
  /// Whether an event of such a line may tell an outcome.
  bool is_airflow;
  /// Whether such lines are to be looked at in any case.
  bool is_attentive;
  /// The last such line that was passed over: where it begins, and which head it has; SIZE_MAX where there was none.
  size_t last;
  size_t last_head;
} json_tail;

/// Passes over JSON lines from `start`, the beginning of a line, to `end`, which stands behind a LF.
///
/// A line is passed over if it consists of one of the heads, an event and one of the tails, and the event is a valid string that
/// can neither hold a line that begins with `=` nor tell an outcome. There is at least one head and one tail.
lines_passed line_scan_json(const uint8_t *base, size_t start, size_t end, const line_head *heads, size_t head_count,
                            const uint8_t *store, json_tail *tails, size_t tail_count);

/// The place behind the last LF before `end`, at or after `start`; `start` where there is none.
size_t line_scan_last_line_end(const uint8_t *base, size_t start, size_t end);

/// The same as the functions above without vector instructions, which every machine can run and which the tests compare.
lines_passed line_scan_text_portable(const uint8_t *base, size_t start, size_t end, const text_lines *lines);
lines_passed line_scan_json_portable(const uint8_t *base, size_t start, size_t end, const line_head *heads,
                                     size_t head_count, const uint8_t *store, json_tail *tails, size_t tail_count);

#endif
