import Glibc

/// Whether what runs was built before the last edit. Tests of an older program fail for reasons that are no longer there.
public enum BuildAge {
  /// What to say of something built that is older than a source below the folders of a checkout; nil where it is not, where it was built
  /// elsewhere, or where it is not there.
  public static func warning(of built: String, in checkout: String, from folders: [String]) -> String? {
    guard built.hasPrefix(checkout + "/"), let builtAt = modified(built) else { return nil }
    let sources = folders.flatMap { folder in
      Files.files(below: "\(checkout)/\(folder)").filter(isSource).map { "\(folder)/\($0)" }
    }
    let newer = sources.first { source in modified("\(checkout)/\(source)").map { $0 > builtAt } ?? false }
    return newer.map {
      "\(built) is older than \($0): build it first, or tests fail for reasons that are no longer there\n"
    }
  }

  /// Says on stderr that the program or the test bundle is older than its sources.
  public static func tell(ofProgram program: String, bundle: String) {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    // This file is Tests/TestSupport/BuildAge.swift.
    let checkout = parts.dropLast(3).joined(separator: "/")
    let warnings = [
      warning(of: program, in: checkout, from: ["Sources", "schema/migrations"]),
      warning(of: bundle, in: checkout, from: ["Sources", "Tests"]),
    ]
    for case let text? in warnings {
      _ = Array(text.utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
  }

  private static func isSource(_ path: String) -> Bool {
    [".swift", ".c", ".h", ".sql"].contains { path.hasSuffix($0) }
  }

  /// When a file was last written, as seconds and nanoseconds; nil where there is none.
  private static func modified(_ path: String) -> (Int, Int)? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
  }
}
