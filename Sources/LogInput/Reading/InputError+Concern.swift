import SystemPackage

extension InputError {
  /// The thing that an error is about. It decides what is stored of the log and how the program ends (5-command-line, Exit codes).
  public enum Concern: Sendable, Hashable {
    /// The log's content, or a path that somebody named and that is no log. The ledger stores the error.
    case content
    /// The file does not exist. If somebody named it, that is an error. If a walk had found it, it was removed meanwhile, which is no
    /// error.
    case absence
    /// This user may not read it. Nothing of the log is stored.
    case rights
    /// The operating system or a volume failed. Nothing of the log is stored, and the next run reads it again.
    case system
    /// The object store did not serve the log. Nothing of it is stored, and the next run reads it again.
    case store(BucketTrouble)

    /// Whether the error is about this run and not about the log. Nothing of the log is stored then.
    public var isOfRun: Bool {
      switch self {
      case .content, .absence: false
      case .rights, .system, .store: true
      }
    }
  }

  /// The thing that this error is about.
  public var concern: Concern {
    switch kind {
    case .open, .list: Self.concern(opening: errno)
    case .read: Self.concern(reading: errno)
    case .root: .system
    case .bucket(let trouble): trouble.isOutage ? .store(trouble) : .content
    case .notRegular, .truncated, .header, .headerChecksum, .data, .checksum, .length, .nestedTooDeep,
      .foreign, .tooLong, .expandsTooMuch, .pathTooDeep:
      .content
    }
  }

  private static func concern(reading errno: Errno?) -> Concern {
    switch errno {
    case .permissionDenied, .notPermitted: .rights
    // The standard input was closed when the program started.
    case .badFileDescriptor: .absence
    default: .system
    }
  }

  private static func concern(opening errno: Errno?) -> Concern {
    switch errno {
    case .permissionDenied, .notPermitted: .rights
    case .noSuchFileOrDirectory, .notDirectory: .absence
    // The path leads nowhere, whoever asks and whenever.
    case .tooManySymbolicLinkLevels, .fileNameTooLong, .invalidArgument, .noSuchAddressOrDevice: .content
    default: .system
    }
  }
}
