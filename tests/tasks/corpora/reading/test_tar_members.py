"""Headers of tar archives against Python's own writer, and every damage by its byte."""

import gzip
import io
import re
import tarfile

import pytest

from ilime_core.errors import FailureReason, InputError
from tasks.corpora.reading.tar_members import TarMember, tar_members

LONG = "/".join(["deep" * 10] * 5) + "/" + "x" * 120 + ".jpg"
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def archive(files, kind="gnu", **special):
    """An archive by the standard library; ``special`` sets fields of the last member."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=FORMATS[kind]) as tar:
        for number, (name, data) in enumerate(files.items()):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if number == len(files) - 1:
                for field, value in special.items():
                    setattr(info, field, value)
            tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def listed(data):
    return list(tar_members(io.BytesIO(data), "shard.tar"))


NAMES = ["a.jpg", "s/" + "n" * 95 + "/b.jpg", LONG, "käse/日本.png"]


@pytest.mark.parametrize(
    ("kind", "name"), [(k, n) for k in FORMATS for n in NAMES if (k, n) != ("ustar", LONG)]
)
def test_names_places_and_sizes_are_those_of_the_standard_library(kind, name):
    files = {"first.txt": b"x" * 512, name: b"y" * 513, "empty": b"", "last.bin": b"z"}
    data = archive(files, kind)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        expected = [TarMember(one.name, one.offset_data, one.size) for one in tar.getmembers()]
    found = listed(data)
    assert found == expected
    assert [data[one.offset : one.offset + one.size] for one in found] == list(files.values())


def test_folders_and_leading_dots_are_passed_over():
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        folder = tarfile.TarInfo("./")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        info = tarfile.TarInfo("./a.jpg")
        info.size = 3
        tar.addfile(info, io.BytesIO(b"abc"))
    assert [one.name for one in listed(stream.getvalue())] == ["a.jpg"]


def test_sizes_beyond_octal_and_from_pax_are_read():
    big = tarfile.TarInfo("a.bin")
    big.size = 9 * 2**30
    header = big.tobuf(tarfile.GNU_FORMAT)
    assert header[124] == 0x80
    with pytest.raises(InputError, match=r"'a\.bin' of 9,663,676,416 bytes ends after the archive"):
        listed(header + bytes(1024))
    info = tarfile.TarInfo("b.bin")
    info.size, info.pax_headers = 4, {"size": "4"}
    pax = info.tobuf(tarfile.PAX_FORMAT)
    assert listed(pax + b"four" + bytes(508 + 1024))[0].size == 4


def test_bodies_between_headers_are_not_read():
    data = archive({"a.jpg": bytes(10**6), "b.jpg": bytes(10**6)})

    class Counting(io.BytesIO):
        n_read = 0

        def read(self, size=-1):
            self.n_read += size
            return super().read(size)

    stream = Counting(data)
    assert len(list(tar_members(stream, "x"))) == 2
    assert stream.n_read == 3 * 512


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        (tarfile.SYMTYPE, "'b.jpg' is a symbolic link"),
        (tarfile.LNKTYPE, "'b.jpg' is a hard link"),
        (tarfile.CHRTYPE, "'b.jpg' is a device"),
        (tarfile.FIFOTYPE, "'b.jpg' is a pipe"),
        (tarfile.GNUTYPE_SPARSE, "'b.jpg' is a sparse file"),
        (b"Q", "'b.jpg' is of the unknown kind 'Q'"),
    ],
)
def test_what_is_no_whole_file_comes_with_its_fault_and_the_next_member_after_it(kind, complaint):
    data = archive({"a.jpg": b"a", "b.jpg": b""}, type=kind)[:1536] + archive({"c.jpg": b"c"})
    found = listed(data)
    assert [one.name for one in found] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [one.wrong is None for one in found] == [True, False, True]
    assert found[1].wrong.reason is FailureReason.UNREADABLE
    assert str(found[1].wrong).startswith(f"shard.tar: byte 1,024: {complaint}")


def test_the_name_of_a_volume_is_passed_over():
    data = archive({"label": b""}, type=b"V")[:512] + archive({"a.jpg": b"a"})
    assert [one.name for one in listed(data)] == ["a.jpg"]


def test_a_link_that_has_the_size_of_its_target_has_no_content():
    info = tarfile.TarInfo("b.jpg")
    info.type, info.linkname, info.size = tarfile.LNKTYPE, "a.jpg", 10_000
    data = info.tobuf() + archive({"c.jpg": b"c"})
    assert [(one.name, one.size) for one in listed(data)] == [("b.jpg", 0), ("c.jpg", 1)]


def test_a_sparse_file_whose_map_goes_on_is_stepped_over():
    info = tarfile.TarInfo("a.jpg")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 600
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[482] = 1
    header[148:156] = b"%06o\0 " % sum(header[:148] + b" " * 8 + header[156:])
    more = bytearray(512)
    more[504] = 1
    data = bytes(header) + bytes(more) + bytes(512) + b"x" * 1024 + archive({"c.jpg": b"c"})
    assert [(one.name, one.offset) for one in listed(data)] == [("a.jpg", 1536), ("c.jpg", 3072)]


def test_a_sparse_file_of_pax_has_a_fault():
    headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "real.jpg"}
    [found] = listed(archive({"a.jpg": b"a"}, "pax", pax_headers=headers))
    assert found.name == "real.jpg"
    assert str(found.wrong) == (
        "shard.tar: byte 1,024: 'real.jpg' is a sparse file; only whole files are read"
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../a.jpg", "'..' segment"),
        ("x/../../a.jpg", "'..' segment"),
        ("/etc/passwd", "is absolute"),
        ("s3://b/a.jpg", "has a scheme"),
        ("a\\b.jpg", "backslash"),
        ("a\nb.jpg", "control character"),
        ("n" * 300, "longer than 255"),
    ],
)
def test_a_name_that_leads_elsewhere_comes_with_its_fault(name, reason):
    [found] = listed(archive({name: b"x"}))
    assert found.wrong.reason is FailureReason.MALFORMED
    assert re.search(rf"^shard\.tar: byte \d.*{reason}", str(found.wrong))


@pytest.mark.parametrize("kind", ["pax", "gnu", "ustar"])
def test_a_name_that_is_not_utf8_comes_with_its_fault(kind):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=FORMATS[kind], encoding="latin-1") as tar:
        info = tarfile.TarInfo("caf\xe9.jpg")
        info.pax_headers = {"hdrcharset": "BINARY"}
        tar.addfile(info)
        tar.addfile(tarfile.TarInfo("b.jpg"))
    found = listed(stream.getvalue().replace("caf\xe9".encode(), b"caf\xe9."))
    assert [one.wrong is None for one in found] == [False, True]
    assert "is not in UTF-8" in str(found[0].wrong)


def test_an_archive_that_is_cut_anywhere_is_refused():
    data = archive({"a.jpg": b"a" * 700, "b.txt": b"b" * 40})[: 512 + 1024 + 512 + 512 + 512]
    assert len(listed(data)) == 2
    for length in range(0, len(data) - 1, 64):
        with pytest.raises(InputError, match=r"shard\.tar: byte [\d,]+: .*(ends here|cut short)"):
            listed(data[:length])


def test_a_changed_header_is_noticed():
    data = archive({"a.jpg": b"a" * 700, "b.txt": b"b" * 40})
    for at in (512 + 1024, 512 + 1024 + 130, 512 + 1024 + 156):
        broken = bytearray(data)
        broken[at] ^= 1
        with pytest.raises(InputError, match=r"byte 1,536: no header with a right checksum"):
            listed(bytes(broken))
    with pytest.raises(InputError, match="byte 0: no header"):
        listed(bytes(range(1, 256)) * 8)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (gzip.compress(archive({"a.jpg": b"a"})), "is compressed with gzip, .* decompress it first"),
        (b"PK\3\4" + bytes(999), "is a zip archive: unpack it"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "is a pointer of Git LFS"),
        (b"\n<!DOCTYPE html><html>", "is a web page"),
    ],
)
def test_what_is_something_else_is_called_by_its_name(head, said):
    with pytest.raises(InputError, match=rf"^shard\.tar: {said}"):
        listed(head)


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        (b"9999 path=a\n", "damaged pax"),
        (b"path=a\n", "damaged pax"),
        (b"11 path=ab.", "damaged pax"),
        (b"12 size=-12\n", "no number"),
    ],
)
def test_a_damaged_extension_is_refused(record, complaint):
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, len(record)
    data = info.tobuf() + record.ljust(512, b"\0") + archive({"a": b"a"})
    with pytest.raises(InputError, match=complaint):
        listed(data)


def test_an_endless_extension_is_refused():
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**20 + 1
    with pytest.raises(InputError, match="extended header of 1,048,577 bytes; at most 1,048,576"):
        listed(info.tobuf(tarfile.GNU_FORMAT) + bytes(2**21))
