"""`Content`: the bytes of a file in memory, of which only those take room that were written."""

from __future__ import annotations

from watloom.interp.host.errnos import Errno, Refused

__all__ = ["PAGE", "Content", "Room"]

#: The bytes are kept in pages of this size, each as long as what was written in it.
PAGE = 1 << 14
_MOST = (1 << 63) - 1
_EMPTY = bytes(PAGE)


class Room:
    """How many bytes may still be taken; `most` is None for as many as anybody wants.

    >>> room = Room(10)
    >>> room.take(8), room.free
    (None, 2)
    """

    def __init__(self, most: int | None) -> None:
        self.most = most
        self.taken = 0

    @property
    def free(self) -> int:
        """What can be taken."""
        return _MOST if self.most is None else self.most - self.taken

    def take(self, count: int) -> None:
        """Take some. Raises Refused (ENOSPC) where there are not so many."""
        if count > self.free:
            raise Refused(Errno.NOSPC)
        self.taken += count

    def give(self, count: int) -> None:
        """Give some back."""
        self.taken -= count

    def check_size(self, size: int) -> None:
        """Raises Refused for a file that could never be filled: ENOSPC; EFBIG beyond all files."""
        if size > _MOST:
            raise Refused(Errno.FBIG)
        if self.most is not None and size > self.most:
            raise Refused(Errno.NOSPC)


class Content:
    """Bytes that can be read and written anywhere; the room they took is given back in the end.

    >>> content = Content(Room(100))
    >>> content.write(b"abc", 40), content.read(8, 38), content.room.taken
    (3, b'\\x00\\x00abc', 43)
    >>> content.resize(41)
    >>> content.room.taken
    41
    """

    __slots__ = ("pages", "room", "size")

    def __init__(self, room: Room) -> None:
        self.room = room
        self.size = 0
        self.pages: dict[int, bytearray] = {}

    def __del__(self) -> None:
        self.room.give(sum(map(len, self.pages.values())))

    def read(self, most: int, offset: int) -> bytes:
        """Up to `most` bytes from an offset on; zeros where nothing was written."""
        end = min(offset + most, self.size)
        pieces: list[bytes | bytearray] = []
        while offset < end:
            number, start = divmod(offset, PAGE)
            count = min(PAGE - start, end - offset)
            piece = self.pages.get(number, b"")[start : start + count]
            pieces += (piece, _EMPTY[: count - len(piece)])
            offset += count
        return b"".join(pieces)

    def write(self, data: bytes, offset: int) -> int:
        """How many bytes were written: less than there are where there is no room for more.

        Raises Refused: ENOSPC where there is room for none, EFBIG beyond all files.
        """
        if not data:
            return 0
        done = 0
        self.room.check_size(offset + 1)
        last = offset + len(data) if self.room.most is None else self.room.most
        data = data[: min(last, _MOST) - offset]
        while done < len(data):
            number, start = divmod(offset + done, PAGE)
            count = self._write_page(number, start, data[done : done + PAGE - start])
            if not count:
                break
            done += count
        if not done:
            raise Refused(Errno.NOSPC)
        self.size = max(self.size, offset + done)
        return done

    def _write_page(self, number: int, start: int, data: bytes) -> int:
        page = self.pages.get(number) or bytearray()
        room = max(0, len(page) + self.room.free - start)
        data = data[:room]
        if data:
            self._grow(page, start)
            self.room.take(max(0, start + len(data) - len(page)))
            page[start : start + len(data)] = data
            self.pages[number] = page
        return len(data)

    def _grow(self, page: bytearray, length: int) -> None:
        """Zeros up to a length."""
        missing = max(0, length - len(page))
        self.room.take(missing)
        page.extend(_EMPTY[:missing])

    def resize(self, size: int) -> None:
        """Cut it, or fill it up with zeros that take no room. Raises Refused: ENOSPC, EFBIG."""
        self.room.check_size(size)
        if size < self.size:
            number, rest = divmod(size, PAGE)
            for gone in [n for n in self.pages if n > number or (n == number and not rest)]:
                self.room.give(len(self.pages.pop(gone)))
            page = self.pages.get(number)
            if page is not None and len(page) > rest:
                self.room.give(len(page) - rest)
                del page[rest:]
        self.size = size

    def reserve(self, offset: int, length: int) -> None:
        """Take the room for some bytes. Raises Refused as `resize` does, without any change."""
        end = offset + length
        self.room.check_size(end)
        numbers = range(offset // PAGE, -(-end // PAGE))
        missing = sum(
            max(0, min(PAGE, end - n * PAGE) - len(self.pages.get(n, b""))) for n in numbers
        )
        if missing > self.room.free:
            raise Refused(Errno.NOSPC)
        for number in numbers:
            self._grow(self.pages.setdefault(number, bytearray()), min(PAGE, end - number * PAGE))
        self.size = max(self.size, end)
