import Glibc

/// The real logs that several repositories share. Tests that need them are skipped where they are absent.
public enum SampleLogs {
  /// The samples' folder: `CORRPARSE_SAMPLES`, else `../shared/samples` beside the checkout; nil without one.
  public static let folder: String? = {
    if let named = getenv("CORRPARSE_SAMPLES") { return existing(String(cString: named)) }
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    // This file is Tests/TestSupport/SampleLogs.swift.
    let checkout = parts.dropLast(3).joined(separator: "/")
    return existing(checkout + "/../shared/samples")
  }()

  /// The path of a sample, `logs/gz_special/two_members.log.gz`; nil where it is absent.
  public static func path(_ relative: String) -> String? {
    folder.flatMap { existing($0 + "/" + relative) }
  }

  /// The bytes of a sample; nil where it cannot be read.
  public static func bytes(_ relative: String) -> [UInt8]? {
    path(relative).flatMap(Files.bytes)
  }

  private static func existing(_ path: String) -> String? {
    access(path, R_OK) == 0 ? path : nil
  }
}
