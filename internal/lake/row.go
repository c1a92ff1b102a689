package lake

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/trimtrail/trimtrail/internal/event"
)

// A row that waits for its commit is kept as bytes, not as an event.Event:
// half the size, nothing for the garbage collector to follow, nothing that
// holds on to the memory of the object it came from, ready to be spilled.
//
//	time       8 bytes, microseconds since 1970
//	flags      2 bytes, see below
//	session    8 bytes, microseconds; 0 where absent
//	present    8 bytes, a bit for each of the texts that is not empty
//	texts      those, in the order of texts: uvarint length and bytes, or of a
//	           column that is interned uvarint 2*number, or 2*length+1 and bytes
//	resources  uvarint count, then three texts each
//
// The form lives no longer than a run, so it has no version.

// How many texts and flags a row has.
const textCount, flagCount = 44, 4

// texts lists the text columns of e, the event id first. A test holds it
// against the type.
func texts(e *event.Event) [textCount]*string {
	return [...]*string{
		&e.EventID, &e.EventSource, &e.EventName, &e.EventVersion, &e.EventType, &e.EventCategory, &e.AWSRegion,
		&e.RecipientAccountID, &e.RequestID, &e.SharedEventID, &e.APIVersion,
		&e.ErrorCode, &e.ErrorMessage,
		&e.SourceIPAddress, &e.UserAgent, &e.VPCEndpointID, &e.VPCEndpointAccountID,
		&e.TLSVersion, &e.TLSCipherSuite, &e.TLSHostHeader,
		&e.IdentityType, &e.PrincipalID, &e.IdentityARN, &e.IdentityAccountID, &e.AccessKeyID, &e.IdentityUserName,
		&e.InvokedBy, &e.IdentityProvider,
		&e.IssuerType, &e.IssuerPrincipalID, &e.IssuerARN, &e.IssuerAccountID, &e.IssuerUserName,
		&e.EC2RoleDelivery, &e.SourceIdentity, &e.WebIDProvider, &e.OnBehalfOfUserID, &e.OnBehalfOfStoreARN,
		&e.IdentityExtra, &e.RequestParameters, &e.ResponseElements, &e.AdditionalEventData, &e.ServiceEventDetails, &e.Extra,
	}
}

// flags lists the columns that are true, false or absent.
func flags(e *event.Event) [flagCount]**bool {
	return [...]**bool{&e.ReadOnly, &e.Management, &e.ConsoleCredential, &e.MFAAuthenticated}
}

const (
	timeAt    = 0
	flagsAt   = 8
	sessionAt = 10
	presentAt = 18
	textsAt   = 26

	flagKnown, flagTrue = 1, 2 // two bits a flag
	sessionKnown        = 1 << 8
)

// appendRow adds e to b, with what t has of its texts.
func appendRow(b []byte, e *event.Event, t *interned) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(e.EventTime.UnixMicro()))
	var bits uint16
	for i, f := range flags(e) {
		if *f == nil {
			continue
		}
		bits |= flagKnown << (2 * i)
		if **f {
			bits |= flagTrue << (2 * i)
		}
	}
	var session int64
	if e.SessionCreated != nil {
		bits |= sessionKnown
		session = e.SessionCreated.UnixMicro()
	}
	b = binary.LittleEndian.AppendUint16(b, bits)
	b = binary.LittleEndian.AppendUint64(b, uint64(session))
	at, present := len(b), uint64(0)
	b = binary.LittleEndian.AppendUint64(b, 0)
	for i, s := range texts(e) {
		if *s != "" {
			present |= 1 << i
			b = t.append(b, i, *s)
		}
	}
	binary.LittleEndian.PutUint64(b[at:], present)
	b = binary.AppendUvarint(b, uint64(len(e.Resources)))
	for i := range e.Resources {
		r := &e.Resources[i]
		b = t.appendText(t.appendText(t.appendText(b, r.ARN), r.AccountID), r.Type)
	}
	return b
}

// valid returns s with U+FFFD for what is no UTF-8: one such byte in a STRING
// column and some engines refuse the whole file.
// Nearly all text is valid, which ValidString tells eight bytes at a time.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func (t *interned) appendText(b []byte, s string) []byte {
	s = t.valid(s)
	return append(appendUvarint(b, uint64(len(s))), s...)
}

func appendUvarint(b []byte, n uint64) []byte {
	if n < 0x80 { // nearly always
		return append(b, byte(n))
	}
	return binary.AppendUvarint(b, n)
}

// rowTime and rowID are what rows are sorted by; the id is part of row.
func rowTime(row []byte) int64 { return int64(binary.LittleEndian.Uint64(row[timeAt:])) }

func rowID(row []byte) []byte {
	n, w := binary.Uvarint(row[textsAt:])
	return row[textsAt+w:][:n]
}

var errRow = errors.New("spilled row is damaged")

// cursor walks the texts of a row.
type cursor struct {
	row []byte
	at  int
	bad bool
}

func (c *cursor) uvarint() uint64 {
	if c.at < len(c.row) && c.row[c.at] < 0x80 { // nearly always
		c.at++
		return uint64(c.row[c.at-1])
	}
	n, w := binary.Uvarint(c.row[min(c.at, len(c.row)):])
	if w <= 0 {
		c.bad = true
		return 0
	}
	c.at += w
	return n
}

// next returns a text. It is a piece of the row.
func (c *cursor) next() []byte { return c.take(c.uvarint()) }

func (c *cursor) take(n uint64) []byte {
	if c.bad || n > uint64(len(c.row)-c.at) {
		c.bad = true
		return nil
	}
	c.at += int(n)
	return c.row[c.at-int(n) : c.at]
}
