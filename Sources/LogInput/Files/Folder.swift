import Glibc
import LogModel
import SystemPackage

/// One open folder with the names in it, in bytewise order. Closes itself.
@safe final class Folder {
  /// A name in a folder.
  struct Entry {
    /// Where the name stands in the folder's names, without its final zero byte.
    let name: Range<Int>
    /// What kind of file the folder calls the entry; nil for a regular file.
    let kind: InputError.FileKind?
    /// The system's error, if the folder does not say the kind and asking for it failed.
    var failure: Errno?
  }

  /// The entries; folders sort as if their names ended in `/`, so that whole paths come in bytewise order.
  private(set) var entries: [Entry] = []
  /// The folder's device and inode.
  let key: FileKey
  /// When the folder was about to be listed.
  let listed: LogTime

  /// The names, each with a zero byte behind it.
  private var names: [UInt8] = []

  /// The open folder; valid for as long as this is.
  let descriptor: Int32

  /// Opens and lists a folder that somebody named. Links are followed.
  /// - Throws: `open` or `list`.
  convenience init(_ path: FilePath) throws(InputError) {
    let opened = retryingWhenInterrupted {
      unsafe path.withPlatformString { unsafe openat(AT_FDCWD, $0, Self.flags) }
    }
    var buffer = FolderEntries()
    try self.init(opened, shownPath: path, &buffer)
  }

  /// Opens and lists a folder in another one. It may be no link.
  /// - Parameters:
  ///   - entry: The folder.
  ///   - parent: The folder that contains it.
  ///   - shownPath: The path that errors show.
  ///   - buffer: Reads the entries.
  /// - Throws: `open` or `list`.
  convenience init(
    _ entry: Entry, in parent: Folder, shownPath: @autoclosure () -> FilePath, _ buffer: inout FolderEntries
  ) throws(InputError) {
    let opened = retryingWhenInterrupted {
      unsafe parent.withName(at: entry.name.lowerBound) {
        unsafe openat(parent.descriptor, $0, Self.flags | O_NOFOLLOW)
      }
    }
    try self.init(opened, shownPath: shownPath(), &buffer)
  }

  private static let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC

  private init(
    _ opened: (descriptor: Int32, failure: Errno), shownPath: @autoclosure () -> FilePath,
    _ buffer: inout FolderEntries
  ) throws(InputError) {
    descriptor = opened.descriptor
    guard descriptor >= 0 else { throw InputError(.open, path: shownPath(), errno: opened.failure) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let failure = Errno(rawValue: errno)
      close(descriptor)
      throw InputError(.list, path: shownPath(), errno: failure)
    }
    key = FileState(status).key
    listed = LogTime.now
    if let failure = list(&buffer) { throw InputError(.list, path: shownPath(), errno: failure) }
    sort()
  }

  deinit { close(descriptor) }

  /// The bytes of an entry's name.
  func name(of entry: Entry) -> ArraySlice<UInt8> { names[entry.name] }

  /// The state of an entry. A link's state is its own, not the state of its target.
  func state(of entry: Entry) -> Result<(state: FileState, kind: InputError.FileKind?), Errno> {
    state(ofNameAt: entry.name.lowerBound)
  }

  private func state(ofNameAt start: Int) -> Result<(state: FileState, kind: InputError.FileKind?), Errno> {
    var status = stat()
    let code = unsafe withName(at: start) { unsafe fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
    guard code == 0 else { return .failure(Errno(rawValue: errno)) }
    return .success((FileState(status), InputError.FileKind(mode: status.st_mode)))
  }

  /// Runs the body on a name that begins here.
  private func withName(at start: Int, _ body: (UnsafePointer<CChar>) -> CInt) -> CInt {
    unsafe names[start...].withUnsafeBytes { name in
      guard let name = name.baseAddress else { return -1 }
      return unsafe body(name.assumingMemoryBound(to: CChar.self))
    }
  }

  private func list(_ buffer: inout FolderEntries) -> Errno? {
    while true {
      let (count, failure) = buffer.read(descriptor)
      guard count > 0 else { return count == 0 ? nil : failure }
      if names.isEmpty { names.reserveCapacity(buffer.mostNameBytes) }
      buffer.forEach { name, type in
        let start = names.count
        unsafe name.withUnsafeBufferPointer { unsafe names.append(contentsOf: $0) }
        // No slice of the names may be held here: appending to them would then copy them all, for each name.
        if isFolderItself(nameAt: start) {
          names.removeLast(names.count - start)
          return
        }
        names.append(0)
        entries.append(entry(start..<names.count - 1, type: type))
      }
    }
  }

  /// Whether the last name, which begins here, is `.` or `..`.
  private func isFolderItself(nameAt start: Int) -> Bool {
    let dot = UInt8(ascii: ".")
    return names[start] == dot
      && (names.count == start + 1 || names.count == start + 2 && names[start + 1] == dot)
  }

  private func entry(_ name: Range<Int>, type: Int) -> Entry {
    switch type {
    case DT_REG: return Entry(name: name, kind: nil)
    case DT_DIR: return Entry(name: name, kind: .folder)
    case DT_LNK: return Entry(name: name, kind: .link)
    case DT_UNKNOWN:
      switch state(ofNameAt: name.lowerBound) {
      case .success(let found): return Entry(name: name, kind: found.kind)
      case .failure(let failure): return Entry(name: name, kind: .other, failure: failure)
      }
    default: return Entry(name: name, kind: .other)
    }
  }

  /// An entry's place in the order: the eight bytes behind the beginning that all names share, then the rest of the name.
  private struct Place {
    let beginning: UInt64
    let index: Int
  }

  private func sort() {
    guard entries.count > 1 else { return }
    let (names, entries) = (names, entries)
    let shared = sharedBytes
    var places: [Place] = []
    places.reserveCapacity(entries.count)
    for (index, entry) in entries.enumerated() {
      var beginning: UInt64 = 0
      for offset in shared..<shared + 8 {
        beginning = beginning << 8 | UInt64(Self.byte(offset, of: entry, in: names))
      }
      places.append(Place(beginning: beginning, index: index))
    }
    places.sort { left, right in
      if left.beginning != right.beginning { return left.beginning < right.beginning }
      let (left, right) = (entries[left.index], entries[right.index])
      var offset = shared + 8
      while true {
        let (leftByte, rightByte) = (
          Self.byte(offset, of: left, in: names), Self.byte(offset, of: right, in: names)
        )
        if leftByte != rightByte || leftByte == 0 { return leftByte < rightByte }
        offset += 1
      }
    }
    self.entries = places.map { entries[$0.index] }
  }

  /// A byte of a name as it is sorted: behind a folder's name there is `/`, behind every name zero, which no name has.
  private static func byte(_ offset: Int, of entry: Entry, in names: [UInt8]) -> UInt8 {
    if offset < entry.name.count { return names[entry.name.lowerBound + offset] }
    return offset == entry.name.count && entry.kind == .folder ? UInt8(ascii: "/") : 0
  }

  /// How many bytes all names begin with.
  private var sharedBytes: Int {
    guard let first = entries.first else { return 0 }
    var shared = first.name.count
    for entry in entries {
      shared = min(shared, entry.name.count)
      var offset = 0
      while offset < shared, names[entry.name.lowerBound + offset] == names[first.name.lowerBound + offset] {
        offset += 1
      }
      shared = offset
    }
    return shared
  }
}
