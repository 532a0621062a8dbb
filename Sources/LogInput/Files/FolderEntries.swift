import COpenat2
import SystemPackage

/// The entries of a folder as the system gives them, some at a time, in a buffer that is used for one folder after the other.
///
/// They are asked for by `getdents64`. The functions of `readdir` would ask for the folder's state and flags besides, each time.
struct FolderEntries {
  private var buffer: [UInt8] = []
  /// How many bytes of the buffer are entries.
  private var count = 0

  private static let bufferBytes = 32_768

  // What `struct linux_dirent64` has (getdents64(2)): the inode, an offset, the entry's length, its type, and its name with a zero byte
  // behind it.
  private static let (inodePlace, lengthPlace, typePlace, namePlace) = (0, 16, 18, 19)

  /// No entry yet.
  init() {}

  /// As many bytes as the names can have that were read last, each with a zero byte.
  var mostNameBytes: Int { count / 2 }

  /// Reads the next entries of an open folder.
  /// - Returns: A number above 0; 0 where there are no more; a number below 0 with the system's error.
  mutating func read(_ folder: Int32) -> (count: Int, failure: Errno) {
    if buffer.isEmpty { buffer = Array(repeating: 0, count: Self.bufferBytes) }
    let (read, failure) = retryingWhenInterrupted {
      unsafe buffer.withUnsafeMutableBytes { unsafe read_entries(folder, $0.baseAddress, $0.count) }
    }
    count = max(0, read)
    return (read, failure)
  }

  /// Calls the body with the name and the type of each entry that was read last.
  func forEach(_ body: (_ name: Span<UInt8>, _ type: Int) -> Void) {
    let bytes = buffer.span.extracting(0..<count)
    var start = 0
    while start + Self.namePlace <= bytes.count {
      let raw = unsafe bytes.bytes
      let length = unsafe Int(
        raw.unsafeLoadUnaligned(fromByteOffset: start + Self.lengthPlace, as: UInt16.self))
      let inode = unsafe raw.unsafeLoadUnaligned(fromByteOffset: start + Self.inodePlace, as: UInt64.self)
      guard length > Self.namePlace, start + length <= bytes.count else { return }
      let name = bytes.extracting(start + Self.namePlace..<start + length)
      var end = 0
      while end < name.count, name[end] != 0 { end += 1 }
      // A file system may leave the place of a removed entry so.
      if inode != 0 { body(name.extracting(0..<end), Int(bytes[start + Self.typePlace])) }
      start += length
    }
  }
}
