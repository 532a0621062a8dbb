import ArgumentParser

/// A connection string where a path is wanted: it would be repeated in messages, and stored as a location.
enum ConnectionStringAsPath {
  /// Refuses such paths, without repeating them.
  static func refuse(in paths: [String]) throws {
    for path in paths
    where path.hasPrefix("postgres://") || path.hasPrefix("postgresql://")
      || path.contains("password=") || SecretArgument.hasCredentials(path)
    {
      throw ValidationError(
        "a connection string is no path: the database is given with --database or DATABASE_URL")
    }
  }
}
