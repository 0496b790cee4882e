using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// MSBuild task: sets VER_FLG_WEAK on one needed symbol version of 64-bit little-endian ELF files (see Directory.Build.targets).
/// </summary>
public sealed class WeakenElfVersion : Task
{
    private const uint SectionTypeVerneed = 0x6ffffffe;
    private const ushort VersionFlagWeak = 0x2;

    [Required] public ITaskItem[] Files { get; set; }
    [Required] public string Version { get; set; }

    public override bool Execute()
    {
        foreach (var item in Files)
        {
            var path = item.GetMetadata("FullPath");
            var bytes = File.ReadAllBytes(path);
            if (!Weaken(bytes)) continue;

            // A new file in place of the old one: the old one may be a link into the package cache. The old time stamp makes
            // the next build's copy step see the file as unchanged.
            var stamp = File.GetLastWriteTimeUtc(path);
            var patched = path + ".weakened";
            File.WriteAllBytes(patched, bytes);
            File.SetLastWriteTimeUtc(patched, stamp);
            File.Delete(path);
            File.Move(patched, path);
            Log.LogMessage(MessageImportance.High, "Marked {0} as weak in {1}", Version, path);
        }
        return !Log.HasLoggedErrors;
    }

    private bool Weaken(byte[] elf)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F' || elf[4] != 2 || elf[5] != 1) return false;
        var headers = (long)BitConverter.ToUInt64(elf, 0x28);
        var headerSize = BitConverter.ToUInt16(elf, 0x3a);
        var headerCount = BitConverter.ToUInt16(elf, 0x3c);
        for (var i = 0; i < headerCount; i++)
        {
            var header = (int)(headers + (long)i * headerSize);
            if (BitConverter.ToUInt32(elf, header + 4) != SectionTypeVerneed) continue;
            var strings = (int)(headers + (long)BitConverter.ToUInt32(elf, header + 40) * headerSize);
            var stringTable = (int)BitConverter.ToUInt64(elf, strings + 24);
            return WeakenEntries(elf, (int)BitConverter.ToUInt64(elf, header + 24), stringTable);
        }
        return false;
    }

    private bool WeakenEntries(byte[] elf, int need, int stringTable)
    {
        var changed = false;
        while (true)
        {
            var auxCount = BitConverter.ToUInt16(elf, need + 2);
            var aux = need + (int)BitConverter.ToUInt32(elf, need + 8);
            for (var j = 0; j < auxCount; j++)
            {
                var flags = BitConverter.ToUInt16(elf, aux + 4);
                if (NameAt(elf, stringTable + (int)BitConverter.ToUInt32(elf, aux + 8)) == Version && (flags & VersionFlagWeak) == 0)
                {
                    BitConverter.GetBytes((ushort)(flags | VersionFlagWeak)).CopyTo(elf, aux + 4);
                    changed = true;
                }
                aux += (int)BitConverter.ToUInt32(elf, aux + 12);
            }
            var next = (int)BitConverter.ToUInt32(elf, need + 12);
            if (next == 0) return changed;
            need += next;
        }
    }

    private static string NameAt(byte[] elf, int offset)
    {
        var end = Array.IndexOf(elf, (byte)0, offset);
        return Encoding.ASCII.GetString(elf, offset, end - offset);
    }
}
