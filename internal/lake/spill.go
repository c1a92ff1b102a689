package lake

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/s2"
)

// spillBlock is how many bytes of rows are compressed at once; a merge holds
// one block a run.
const spillBlock = 128 << 10

// run is a sorted part of a spill file.
type run struct{ offset, length int64 }

// spillFile has the runs of all partitions of a writer, one after another: one
// file, since to make one costs more than to write to it.
type spillFile struct {
	name        string
	file        *os.File // nil until there is a run
	size        int64
	raw, packed []byte // a block
}

// add appends r, sorted, and returns the run.
//
//	block  = uint32 length of the packed bytes, packed bytes (s2)
//	packed = (uint32 length of the row, row) …
func (s *spillFile) add(r *rows) (run, error) {
	r.sort()
	var err error
	if s.file == nil {
		if s.file, err = os.OpenFile(s.name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return run{}, fmt.Errorf("spill: %w", err)
		}
	}
	n, err := s.writeBlocks(r)
	if err != nil {
		return run{}, fmt.Errorf("spill: %w", err)
	}
	s.size += n
	return run{s.size - n, n}, nil
}

func (s *spillFile) source(r run) *spilled { return newSpilled(s.file, r) }

// reset removes the file.
func (s *spillFile) reset() error {
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.file.Close(), os.Remove(s.name))
	s.file, s.size = nil, 0
	return err
}

func (s *spillFile) writeBlocks(r *rows) (written int64, err error) {
	raw := s.raw[:0]
	for i, at := range r.refs {
		row := r.row(at)
		raw = binary.LittleEndian.AppendUint32(raw, uint32(len(row)))
		raw = append(raw, row...)
		if len(raw) < spillBlock && i < len(r.refs)-1 {
			continue
		}
		s.packed = writeBlock(s.packed, raw)
		if _, err := s.file.Write(s.packed); err != nil {
			return written, err
		}
		written += int64(len(s.packed))
		raw = raw[:0]
	}
	s.raw = raw
	return written, nil
}

// writeBlock returns the block of raw, in packed's memory where it fits.
func writeBlock(packed, raw []byte) []byte {
	if need := 4 + s2.MaxEncodedLen(len(raw)); cap(packed) < need {
		packed = make([]byte, need)
	}
	packed = packed[:cap(packed)]
	n := len(s2.Encode(packed[4:], raw))
	binary.LittleEndian.PutUint32(packed, uint32(n))
	return packed[:4+n]
}

// spilled is the source of one run.
type spilled struct {
	file   io.Reader // of the run alone
	packed []byte
	raw    []byte
	left   []byte // of raw
}

func newSpilled(f io.ReaderAt, r run) *spilled {
	return &spilled{file: io.NewSectionReader(f, r.offset, r.length)}
}

func (s *spilled) next() ([]byte, error) {
	if len(s.left) == 0 {
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
	if len(s.left) < 4 {
		return nil, errRow
	}
	n := binary.LittleEndian.Uint32(s.left)
	if uint64(n) > uint64(len(s.left)-4) || n < textsAt {
		return nil, errRow
	}
	row := s.left[4:][:n]
	s.left = s.left[4+n:]
	return row, nil
}

// fill reads the next block; io.EOF after the last.
func (s *spilled) fill() error {
	var head [4]byte
	if _, err := io.ReadFull(s.file, head[:]); err != nil {
		return err
	}
	n := int(binary.LittleEndian.Uint32(head[:]))
	if cap(s.packed) < n {
		s.packed = make([]byte, n)
	}
	if _, err := io.ReadFull(s.file, s.packed[:n]); err != nil {
		return fmt.Errorf("read spilled rows: %w", err)
	}
	var err error
	if s.raw, err = s2.Decode(s.raw[:cap(s.raw)], s.packed[:n]); err != nil {
		return fmt.Errorf("read spilled rows: %w", err)
	}
	s.left = s.raw
	return nil
}
