import LogModel
public import SystemPackage

/// What stopped or damaged the reading of one input: what failed, where, why, and what to try.
///
/// It concerns that input alone; the others are read on (5-command-line, Exit codes).
public struct InputError: Error, Sendable, Hashable {
  /// What failed.
  public enum Kind: Sendable, Hashable {
    /// The file or folder could not be opened.
    case open
    /// A read failed.
    case read
    /// The folder's names or an entry's properties could not be read.
    case list
    /// The log root is not there, or is another folder than when the walk began: its volume has gone away. In a bucket: nothing lies below
    /// it.
    case root
    /// Neither a regular file nor the standard input; says what it is.
    case notRegular(FileKind)
    /// The compressed stream ends before its end.
    case truncated
    /// A gzip header that no reader can follow: another method than deflate, or reserved flags.
    case header
    /// The checksum over a gzip header is wrong.
    case headerChecksum
    /// The compressed data cannot be inflated.
    case data
    /// The checksum (CRC-32) of a gzip member is wrong.
    case checksum
    /// The length that a gzip member states is wrong.
    case length
    /// A gzip in a gzip in a gzip: only one level is looked through (2-log-envelopes, Gzip).
    case nestedTooDeep
    /// The content is no log (2-log-envelopes, Content that is no log); carries what it is.
    case foreign(ForeignContent)
    /// The log is longer than ``ReadLimits/decompressedBytes``; carries that limit.
    case tooLong(limit: Int)
    /// The log expands beyond ``ReadLimits/expansion``; carries that limit.
    case expandsTooMuch(limit: Int)
    /// A folder lies deeper than ``ReadLimits/pathDepth``; carries that limit.
    case pathTooDeep(limit: Int)
    /// A bucket, or an object in it, could not be read.
    case bucket(BucketTrouble)
  }

  /// What kind of file was found where a regular one was needed.
  public enum FileKind: String, Sendable, Hashable {
    case folder
    case pipe = "named pipe"
    case device
    case socket
    case link = "symbolic link"
    case other = "special file"
  }

  /// What failed.
  public let kind: Kind
  /// The input; nil for the standard input.
  public let path: FilePath?
  /// The byte of the file (compressed, from 0) at which it failed; nil where there is none.
  public let offset: Int?
  /// What the system said; nil where it was not the system that refused.
  public let errno: Errno?
  /// The bucket or object, as `s3://bucket/key`; nil for everything else.
  public let object: String?
  /// What the object store said.
  public let answer: String?
  /// What to try, where the answer tells more than the kind; nil elsewhere.
  public let hint: String?

  /// An error of one input.
  public init(_ kind: Kind, path: FilePath?, offset: Int? = nil, errno: Errno? = nil, hint: String? = nil) {
    self.kind = kind
    self.path = path
    self.offset = offset
    self.errno = errno
    object = nil
    answer = nil
    self.hint = hint
  }

  /// An error of a bucket, or of an object in it.
  /// - Parameters:
  ///   - kind: What failed.
  ///   - object: `s3://bucket/key`.
  ///   - offset: The byte of the object.
  ///   - answer: What the object store said; never credentials.
  ///   - hint: What to try, where the answer tells more than the kind.
  public init(
    _ kind: Kind, object: String, offset: Int? = nil, answer: String? = nil, hint: String? = nil
  ) {
    self.kind = kind
    self.offset = offset
    self.object = object
    self.answer = answer
    self.hint = hint
    path = nil
    errno = nil
  }

  /// Another error with something else to try.
  init(_ error: InputError, hint: String) {
    kind = error.kind
    path = error.path
    offset = error.offset
    errno = error.errno
    object = error.object
    answer = error.answer
    self.hint = hint
  }
}

extension InputError: CustomStringConvertible {
  /// One line without control characters: the input, the byte, what failed, and what to try.
  public var description: String {
    var text = PrintableText.escaped(object ?? path?.locationText ?? "standard input")
    if let offset { text += ": byte \(offset)" }
    text += ": " + message
    if let errno { text += ": \(errno.description)" }
    if let answer { text += ": \(PrintableText.escaped(answer))" }
    return text + "; " + (hint.map { PrintableText.escaped($0) } ?? advice)
  }

  private var message: String {
    switch kind {
    case .open: "cannot be opened"
    case .read: "cannot be read"
    case .list: "cannot be listed"
    case .root: "the log root is not there"
    case .notRegular(let found): "is a \(found.rawValue), not a regular file"
    case .truncated: "the compressed stream ends before its end"
    case .header: "a gzip header that asks for what gzip does not define"
    case .headerChecksum: "the checksum of a gzip header is wrong"
    case .data: "the compressed data is damaged"
    case .checksum: "the checksum (CRC-32) of a gzip member is wrong"
    case .length: "the length stated by a gzip member is wrong"
    case .nestedTooDeep: "compressed more than twice"
    case .foreign(let content): content.message
    case .tooLong(let limit): "longer than \(limit) bytes when decompressed"
    case .expandsTooMuch(let limit): "expands more than \(limit):1"
    case .pathTooDeep(let limit): "more than \(limit) folders deep"
    case .bucket(let trouble): trouble.message
    }
  }

  private var advice: String {
    switch kind {
    case .open where errno == .permissionDenied, .list where errno == .permissionDenied:
      "give this user the right to read it"
    case .open where errno == .noSuchFileOrDirectory: "check the path"
    case .open where errno == .tooManyOpenFiles, .list where errno == .tooManyOpenFiles:
      "raise this process's limit of open files (ulimit -n), or lower --jobs"
    case .open where errno == .tooManyOpenFilesInSystem, .list where errno == .tooManyOpenFilesInSystem:
      "raise the machine's limit of open files (fs.file-max)"
    case .open, .list: "check the path and its rights"
    case .root: "check its path and that its volume is mounted, then run again"
    case .read: "check the volume, then run again"
    case .notRegular(.folder): "name the logs in it: files are read here, not folders"
    case .notRegular: "pipe its content into the standard input"
    case .truncated: "what ended before was read; fetch or upload the log again"
    case .header, .headerChecksum, .data, .checksum, .length:
      "what could be inflated was read; fetch or upload the log again"
    case .nestedTooDeep: "unpack it once or twice"
    case .foreign(let content): content.advice
    case .tooLong: "what came before was read; if the log is genuine, raise --limit decompressed"
    case .expandsTooMuch: "what came before was read; if the log is genuine, raise --limit expansion"
    case .pathTooDeep: "name a folder further down as the root, or raise --limit path-depth"
    case .bucket(let trouble): trouble.advice
    }
  }
}
