package deliver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Envelope is from whom a mail is and to whom it goes.
type Envelope struct {
	From string
	To   []string
}

// compose is the parcel as a mail: the text, and the files attached (RFC 5322,
// RFC 2045). The same parcel makes the same mail but for at.
func (e Envelope) compose(p *Parcel, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	sum := sha256.Sum256([]byte(p.Key()))
	id := hex.EncodeToString(sum[:16])
	if err := w.SetBoundary("trimtrail-" + id); err != nil {
		return nil, err
	}
	for _, h := range [][2]string{
		{"From", e.From}, {"To", strings.Join(e.To, ", ")}, {"Subject", mime.QEncoding.Encode("utf-8", p.Message.Subject())}, {"Date", at.Format(time.RFC1123Z)},
		{"Message-ID", "<" + id + "@trimtrail>"}, {"MIME-Version", "1.0"}, {"Content-Type", "multipart/mixed; boundary=" + w.Boundary()}, {"Auto-Submitted", "auto-generated"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\n")
	if err := textPart(w, p.Message.Text()); err != nil {
		return nil, err
	}
	for _, f := range p.Files {
		if err := filePart(w, f); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func textPart(w *multipart.Writer, text string) error {
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {"text/plain; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"}})
	if err != nil {
		return err
	}
	q := quotedprintable.NewWriter(part)
	if _, err := io.WriteString(q, text); err != nil {
		return err
	}
	return q.Close()
}

func filePart(w *multipart.Writer, f File) error {
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Type": {f.Type}, "Content-Transfer-Encoding": {"base64"},
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": f.Name})},
	})
	if err != nil {
		return err
	}
	const line = 57 // bytes that make 76 characters
	for data := range slices.Chunk(f.Data, line) {
		if _, err := io.WriteString(part, base64.StdEncoding.EncodeToString(data)+"\r\n"); err != nil {
			return err
		}
	}
	return nil
}

// SMTP sends a mail through a server. Secrets go over TLS only.
type SMTP struct {
	Envelope
	Host string
	Port int    // 0: 465 for implicit TLS, else 587
	TLS  string // starttls (also where empty), implicit or none
	User string // empty: no login
	// Password goes with User.
	Password Secret
	Timeout  time.Duration // for all of it; 0: a minute
	// Roots of TLS; nil: those of the system.
	Config *tls.Config
}

// Send implements Target.
func (s SMTP) Send(ctx context.Context, p *Parcel) error {
	data, err := s.compose(p, time.Now())
	if err != nil {
		return err
	}
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	if err := s.deliver(ctx, data); err != nil {
		return scrub(fmt.Errorf("mail by %s: %w", s.Host, err), s.login(), s.Password, Secret(base64.StdEncoding.EncodeToString([]byte(s.Password))))
	}
	return nil
}

// login is what AUTH PLAIN sends (RFC 4616); a server may repeat it.
func (s SMTP) login() Secret {
	if s.User == "" {
		return ""
	}
	return Secret(base64.StdEncoding.EncodeToString([]byte("\x00" + s.User + "\x00" + string(s.Password))))
}

func (s SMTP) deliver(ctx context.Context, data []byte) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	c, err := smtp.NewClient(conn, s.Host)
	if err == nil {
		err = s.talk(c, data)
	}
	if ctx.Err() != nil {
		return errors.New("no answer in time")
	}
	return err
}

func (s SMTP) dial(ctx context.Context) (net.Conn, error) {
	port := s.Port
	if port == 0 {
		port = map[bool]int{true: 465, false: 587}[s.TLS == "implicit"]
	}
	address := net.JoinHostPort(s.Host, strconv.Itoa(port))
	if s.TLS == "implicit" {
		return (&tls.Dialer{Config: s.config()}).DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

func (s SMTP) config() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Config != nil {
		c = s.Config.Clone()
	}
	c.ServerName = s.Host
	return c
}

func (s SMTP) talk(c *smtp.Client, data []byte) error {
	if s.TLS == "" || s.TLS == "starttls" {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return errors.New("the server offers no STARTTLS")
		}
		if err := c.StartTLS(s.config()); err != nil {
			return err
		}
	}
	if s.User != "" {
		if err := c.Auth(smtp.PlainAuth("", s.User, string(s.Password), s.Host)); err != nil {
			return fmt.Errorf("log in as %s: %w", s.User, err)
		}
	}
	if err := s.envelope(c); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	c.Quit() // it has the mail; how it says goodbye is its own business
	return nil
}

func (s SMTP) envelope(c *smtp.Client) error {
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return err
	}
	if err := c.Mail(from.Address); err != nil {
		return err
	}
	for _, to := range s.To {
		a, err := mail.ParseAddress(to)
		if err != nil {
			return err
		}
		if err := c.Rcpt(a.Address); err != nil {
			return fmt.Errorf("to %s: %w", a.Address, err)
		}
	}
	return nil
}
