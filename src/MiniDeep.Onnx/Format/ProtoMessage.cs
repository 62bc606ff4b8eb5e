using Google.Protobuf;

namespace MiniDeep;

/// <summary>
/// A protobuf message in the making: its fields, in order. A message inside another has its size in front, so sizes are added up as the fields come; a message that was put into another one
/// takes no more fields.
/// </summary>
internal sealed class ProtoMessage
{
    private readonly List<Action<CodedOutputStream>> _fields = [];

    /// <summary>How many bytes the message takes.</summary>
    public long Size { get; private set; }

    /// <summary>A number, or an enum's.</summary>
    public ProtoMessage Integer(int field, long value) =>
        Add(field, WireFormat.WireType.Varint, CodedOutputStream.ComputeInt64Size(value), output => output.WriteInt64(value));

    public ProtoMessage Float(int field, float value) =>
        Add(field, WireFormat.WireType.Fixed32, CodedOutputStream.ComputeFloatSize(value), output => output.WriteFloat(value));

    public ProtoMessage Text(int field, string value) =>
        Add(field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeStringSize(value), output => output.WriteString(value));

    /// <summary>A tensor's elements, row by row.</summary>
    public ProtoMessage Elements(int field, Tensor tensor)
    {
        long bytes = (long)tensor.Count * tensor.DType.Size();
        return Add(field, WireFormat.WireType.LengthDelimited, LengthSize(bytes) + bytes, output =>
        {
            var elements = new byte[bytes];
            using (var stream = new MemoryStream(elements)) TensorBytes.Write(stream, tensor);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(elements));
        });
    }

    /// <summary>A message inside this one.</summary>
    public ProtoMessage Message(int field, ProtoMessage inner) => Add(field, WireFormat.WireType.LengthDelimited, LengthSize(inner.Size) + inner.Size, output =>
    {
        output.WriteLength((int)inner.Size);
        inner.WriteFields(output);
    });

    public void WriteTo(Stream stream)
    {
        using var output = new CodedOutputStream(stream, leaveOpen: true);
        WriteFields(output);
    }

    private void WriteFields(CodedOutputStream output)
    {
        foreach (Action<CodedOutputStream> write in _fields) write(output);
    }

    private ProtoMessage Add(int field, WireFormat.WireType type, long size, Action<CodedOutputStream> write)
    {
        Size += CodedOutputStream.ComputeTagSize(field) + size;
        _fields.Add(output =>
        {
            output.WriteTag(field, type);
            write(output);
        });
        return this;
    }

    private static int LengthSize(long length) => CodedOutputStream.ComputeUInt64Size((ulong)length);
}
