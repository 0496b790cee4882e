using System.IO.Compression;

namespace EcgPeft.Core.Ecg.Import;

/// <summary>
/// Unpacks a gzip file, whose members may follow each other. What comes after them must be nothing, or zeros: .NET takes anything else for
/// the end as well, so that the rest of a damaged file would be missing unseen.
/// </summary>
/// <param name="raw">The packed file.</param>
internal sealed class GzipFile(FileStream raw) : Stream
{
    private readonly GZipStream unpacked = new(new Bytewise(raw), CompressionMode.Decompress);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var got = unpacked.Read(buffer);
        if (got == 0 && buffer.Length > 0) CheckRest();
        return got;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) unpacked.Dispose();
        base.Dispose(disposing);
    }

    private void CheckRest()
    {
        for (int next; (next = raw.ReadByte()) >= 0;)
            if (next != 0) throw new InvalidDataException("Something else follows what is packed.");
    }

    /// <summary>The file's last bytes one at a time, so that nothing after the last member is read ahead.</summary>
    private sealed class Bytewise(FileStream raw) : Stream
    {
        private const int Tail = 1 << 14; // more than GZipStream reads at once

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) =>
            buffer.IsEmpty ? 0 : raw.Read(buffer[..(int)Math.Clamp(raw.Length - Tail - raw.Position, 1, buffer.Length)]);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) raw.Dispose();
            base.Dispose(disposing);
        }
    }
}
