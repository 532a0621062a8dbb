import Glibc

/// Runs SQL as people do, one statement after the other: `CREATE INDEX CONCURRENTLY` refuses to be one of several in a query.
public enum Psql {
  /// Runs a script, and ends at its first error.
  ///
  /// - Parameters:
  ///   - script: The SQL.
  ///   - connection: The connection string.
  /// - Throws: What psql said of the error.
  public static func run(_ script: String, on connection: String) throws {
    let process = try ChildProcess(
      "/usr/bin/env",
      ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", connection].map { Array($0.utf8) },
      environment: ["PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"])
    try process.write(Array(script.utf8))
    process.closeInput()
    guard try process.finish() == .exited(0) else {
      throw ChildProcess.Failure(String(decoding: process.errors, as: UTF8.self))
    }
  }
}
