#ifndef CORRPARSE_MIGRATIONS_H
#define CORRPARSE_MIGRATIONS_H

#include <stddef.h>

// The files of schema/migrations, in the program.
//
// C takes a file's bytes as they are (`#embed`). SwiftPM's own way makes a Swift array of numbers of them, for which the compiler
// takes most of a minute and a gigabyte in every build of the module that has it.

/// One step of the schema. Everything that it points to lives as long as the program.
struct corrparse_migration {
  /// The file's name without its ending.
  const char *_Nonnull name;
  /// The file's bytes, without a NUL behind them.
  const unsigned char *_Nonnull text;
  size_t length;
};

/// How many steps there are.
size_t corrparse_migration_count(void);

/// A step by its place in the order of application, below the count; the first one is 0.
struct corrparse_migration corrparse_migration_at(size_t index);

#endif
