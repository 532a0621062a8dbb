import Glibc

/// The golden corpus in Tests/Corpus: one folder a case, in folders by subject.
public enum Corpus {
  /// One case.
  public struct Case: Sendable, Hashable, CustomStringConvertible {
    /// Subject and case: `ends/record-end`.
    public let name: String
    /// The case's folder.
    public let folder: String

    /// The name.
    public var description: String { name }

    /// The path of one of the case's files; nil where it is absent.
    public func path(_ file: String) -> String? {
      let path = folder + "/" + file
      return access(path, F_OK) == 0 ? path : nil
    }

    /// The log's file name: `input.log` or `input.log.gz`; nil without either.
    public var inputName: String? {
      ["input.log", "input.log.gz"].first { path($0) != nil }
    }

    /// The bytes of one of the case's files; nil where it cannot be read.
    public func bytes(_ file: String) -> [UInt8]? { path(file).flatMap(Files.bytes) }
  }

  /// The folder `Tests/Corpus`.
  public static let folder: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(2).joined(separator: "/") + "/Corpus"
  }()

  /// Every case, in the order of their names.
  public static let cases: [Case] = Files.folders(in: folder).flatMap { subject in
    Files.folders(in: folder + "/" + subject).map { name in
      Case(name: "\(subject)/\(name)", folder: "\(folder)/\(subject)/\(name)")
    }
  }

  /// The plain logs of the corpus.
  public static let plainLogs: [(name: String, bytes: [UInt8])] = cases.compactMap { item in
    item.bytes("input.log").map { (item.name, $0) }
  }
}

/// What tests need of a file system.
public enum Files {
  /// The names of the folders in a folder, sorted.
  public static func folders(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = name(of: entry)
      if !name.hasPrefix("."), entry.pointee.d_type == DT_DIR { names.append(name) }
    }
    return names.sorted()
  }

  /// The paths of the regular files below a folder, relative to it, sorted; links are not followed.
  public static func files(below folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var paths: [String] = []
    while let entry = readdir(stream) {
      if entry.pointee.d_type == DT_REG { paths.append(name(of: entry)) }
    }
    for name in folders(in: folder) {
      paths += files(below: folder + "/" + name).map { name + "/" + $0 }
    }
    return paths.sorted()
  }

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
    withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The bytes of a file; nil where it cannot be read.
  public static func bytes(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      bytes += buffer[..<count]
      if count < buffer.count { return ferror(file) == 0 ? bytes : nil }
    }
  }

  /// Writes a file; false where that fails.
  public static func write(_ bytes: [UInt8], to path: String) -> Bool {
    guard let file = fopen(path, "w") else { return false }
    let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
    return fclose(file) == 0 && isWritten
  }
}
