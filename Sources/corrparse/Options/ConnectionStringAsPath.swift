import ArgumentParser

/// Recognises connection strings among paths. Messages would repeat them with their passwords, and the ledger would store them as
/// locations.
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
