import Glibc

/// Keeps 0, 1 and 2 from becoming the number of a log or of the database's connection where the caller closed them:
/// messages would be written into it, or a piped log read from it.
enum StandardDescriptors {
  /// Puts in the place of a closed descriptor one that cannot be used in its direction, so that using it still fails.
  static func occupy() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is this one.
      _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}
