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

  private var names: [UInt8] = []
  private let stream: OpaquePointer

  /// The open folder; valid for as long as this is.
  var descriptor: Int32 { unsafe dirfd(stream) }

  /// Opens and lists a folder.
  /// - Parameters:
  ///   - path: The folder, relative to `parent`.
  ///   - parent: The folder that contains it, in which no link is followed. Nil for the working directory, where links are followed.
  ///   - shownPath: The path that errors show.
  /// - Throws: `open` or `list`.
  init(
    _ path: FilePath, in parent: Folder?, shownPath: @autoclosure () -> FilePath
  ) throws(InputError) {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (parent == nil ? 0 : O_NOFOLLOW)
    let (descriptor, failure) = retryingWhenInterrupted {
      unsafe path.withPlatformString { unsafe openat(parent?.descriptor ?? AT_FDCWD, $0, flags) }
    }
    guard descriptor >= 0 else { throw InputError(.open, path: shownPath(), errno: failure) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, let stream = unsafe fdopendir(descriptor) else {
      let failure = Errno(rawValue: errno)
      close(descriptor)
      throw InputError(.list, path: shownPath(), errno: failure)
    }
    unsafe self.stream = stream
    key = FileState(status).key
    listed = LogTime.now
    if let failure = list() { throw InputError(.list, path: shownPath(), errno: failure) }
    sort()
  }

  deinit { unsafe closedir(stream) }

  /// The bytes of an entry's name.
  func name(of entry: Entry) -> ArraySlice<UInt8> { names[entry.name] }

  /// The state of an entry. A link's state is its own, not the state of its target.
  func state(of entry: Entry) -> Result<(state: FileState, kind: InputError.FileKind?), Errno> {
    state(ofNameAt: entry.name.lowerBound)
  }

  private func state(ofNameAt start: Int) -> Result<(state: FileState, kind: InputError.FileKind?), Errno> {
    var status = stat()
    let code = unsafe names[start...].withUnsafeBytes { name in
      guard let name = name.baseAddress else { return CInt(-1) }
      return unsafe fstatat(
        descriptor, name.assumingMemoryBound(to: CChar.self), &status, AT_SYMLINK_NOFOLLOW)
    }
    guard code == 0 else { return .failure(Errno(rawValue: errno)) }
    return .success((FileState(status), InputError.FileKind(mode: status.st_mode)))
  }

  private func list() -> Errno? {
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        return errno == 0 ? nil : Errno(rawValue: errno)
      }
      let start = names.count
      // The memory of an entry ends with its name, although the type `dirent` is longer. Do not read behind the name.
      unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        let name = unsafe UnsafeRawPointer(name)
        let count = unsafe strlen(name.assumingMemoryBound(to: CChar.self))
        unsafe names.append(contentsOf: UnsafeRawBufferPointer(start: name, count: count))
      }
      // No slice of the names may be held here: appending to them would then copy them all, for each name.
      if isFolderItself(nameAt: start) {
        names.removeLast(names.count - start)
        continue
      }
      names.append(0)
      entries.append(self.entry(start..<names.count - 1, type: Int(unsafe entry.pointee.d_type)))
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
