import SystemPackage

extension InputError {
  /// What an error is about, which decides what is stored of the log and how the program ends (5-command-line, Exit
  /// codes).
  public enum Concern: Sendable, Hashable {
    /// The log itself: its content, or what was named in its place. The ledger says so.
    case content
    /// There is no such file. A named one is an input that cannot be read; one that a walk found is gone, which is no
    /// error.
    case absence
    /// This user may not read it. Nothing of the log is stored.
    case rights
    /// The operating system failed, or a volume. Nothing of the log is stored, and the next run reads it again.
    case system
    /// The object store did not serve it. Nothing of the log is stored, and the next run reads it again.
    case store(BucketTrouble)

    /// Whether it is about this run and not about the log: then nothing of the log is stored.
    public var isOfRun: Bool {
      switch self {
      case .content, .absence: false
      case .rights, .system, .store: true
      }
    }
  }

  /// What the error is about.
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
