package config

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Delivery is one place that a run tells what it found. Which fields count
// depends on its Kind.
type Delivery struct {
	Name        string
	Kind        string // directory, s3, sns, ses, smtp, slack, webhook or security_hub
	MinSeverity string // what is less severe is not told; empty: everything
	Always      bool   // also where nothing is new
	Formats     []string

	Path, URI                string // of directory and s3
	Profile, Region          string
	EndpointURL              string
	PathStyle                bool
	KMSKey                   string
	TopicARN                 string
	Account                  string // of security_hub
	From                     string
	To                       []string
	Host, TLS, User          string // of smtp
	Port                     int
	URL                      string
	Address                  SecretRef // the URL, where it is a secret
	Password, Signing, Token SecretRef
	Place                    string
}

// SecretRef says where a secret is; it never holds one.
type SecretRef struct{ Env, File string }

// IsSet reports whether one is named.
func (s SecretRef) IsSet() bool { return s.Env != "" || s.File != "" }

type deliveryKey struct {
	Name         text   `yaml:"name"`
	Kind         text   `yaml:"kind"`
	MinSeverity  text   `yaml:"min_severity"`
	Always       text   `yaml:"always"`
	Formats      []text `yaml:"formats"`
	Path         text   `yaml:"path"`
	URI          text   `yaml:"uri"`
	Profile      text   `yaml:"profile"`
	Region       text   `yaml:"region"`
	EndpointURL  text   `yaml:"endpoint_url"`
	PathStyle    text   `yaml:"path_style"`
	KMSKey       text   `yaml:"kms_key"`
	TopicARN     text   `yaml:"topic_arn"`
	Account      text   `yaml:"account"`
	From         text   `yaml:"from"`
	To           []text `yaml:"to"`
	Host         text   `yaml:"host"`
	Port         text   `yaml:"port"`
	TLS          text   `yaml:"tls"`
	User         text   `yaml:"user"`
	URL          text   `yaml:"url"`
	URLEnv       text   `yaml:"url_env"`
	URLFile      text   `yaml:"url_file"`
	PasswordEnv  text   `yaml:"password_env"`
	PasswordFile text   `yaml:"password_file"`
	SecretEnv    text   `yaml:"secret_env"`
	SecretFile   text   `yaml:"secret_file"`
	TokenEnv     text   `yaml:"token_env"`
	TokenFile    text   `yaml:"token_file"`
	At           *yaml.Node
}

// deliveryKind is what a kind of delivery knows beside name, kind,
// min_severity and always.
type deliveryKind struct {
	name       string
	needs, may []string
}

var deliveryKinds = []deliveryKind{
	{"directory", []string{"path"}, []string{"formats"}},
	{"s3", []string{"uri"}, []string{"formats", "profile", "region", "endpoint_url", "path_style", "kms_key"}},
	{"sns", []string{"topic_arn"}, []string{"profile", "endpoint_url"}},
	{"ses", []string{"from", "to", "region"}, []string{"formats", "profile", "endpoint_url"}},
	{"smtp", []string{"host", "from", "to"}, []string{"formats", "port", "tls", "user", "password_env", "password_file"}},
	{"slack", nil, []string{"url", "url_env", "url_file"}},
	{"webhook", nil, []string{"url", "url_env", "url_file", "secret_env", "secret_file", "token_env", "token_file"}},
	{"security_hub", []string{"region"}, []string{"account", "profile", "endpoint_url"}},
}

// commonKeys are those of every delivery.
var commonKeys = []string{"name", "kind", "min_severity", "always"}

var (
	deliveryName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	topicForm    = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z]{2,}(-[a-z]+)+-\d+:\d{12}:[A-Za-z0-9_.-]{1,256}$`)
	envForm      = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

func (p *parser) deliveries(list []deliveryKey) []Delivery {
	var out []Delivery
	line := map[string]int{}
	for i := range list {
		k := &list[i]
		if k.At == nil {
			continue
		}
		p.deliveryHead(k, line)
		if kind, ok := kindOf(k.Kind.Value); ok {
			p.keysOfKind(k, kind)
			out = append(out, p.delivery(k))
		}
	}
	return out
}

func kindOf(name string) (deliveryKind, bool) {
	i := slices.IndexFunc(deliveryKinds, func(k deliveryKind) bool { return k.name == name })
	if i < 0 {
		return deliveryKind{}, false
	}
	return deliveryKinds[i], true
}

func (p *parser) deliveryHead(k *deliveryKey, line map[string]int) {
	if p.need(k.At, "name", k.Name, "write name: and a short word, by which the run tells of it") {
		p.fits(k.Name, deliveryName, "name of a delivery", "small letters, digits and -, as security-team")
		if first, twice := line[k.Name.Value]; twice {
			p.at(k.Name.Node, fmt.Sprintf("delivery %s comes twice, first on line %d", k.Name.Value, first), "")
		}
		line[k.Name.Value] = k.Name.Node.Line
	}
	var names []string
	for _, d := range deliveryKinds {
		names = append(names, d.name)
	}
	if p.need(k.At, "kind", k.Kind, "write kind: and one of "+strings.Join(names, ", ")) {
		p.oneOf(k.Kind, "kind of delivery", names)
	}
}

// keysOfKind refuses what the kind does not know and asks for what it needs.
func (p *parser) keysOfKind(k *deliveryKey, kind deliveryKind) {
	v := reflectOf(k)
	known := slices.Concat(commonKeys, kind.needs, kind.may)
	for i := range v.NumField() {
		key := keyOf(v.Type().Field(i))
		n := nodeOf(v.Field(i).Interface())
		if key != "" && n != nil && !slices.Contains(known, key) {
			p.at(n, fmt.Sprintf("a %s delivery has no %s", kind.name, key), didYouMean(key, slices.Concat(kind.needs, kind.may)))
		}
	}
	for _, key := range kind.needs {
		f, _ := fieldOf(v, key)
		if n := nodeOf(f.Interface()); n == nil {
			p.at(k.At, key+" is missing", fmt.Sprintf("a %s delivery needs %s", kind.name, strings.Join(kind.needs, ", ")))
		}
	}
}

// nodeOf is where a value stands; nil where it is not there.
func nodeOf(v any) *yaml.Node {
	switch v := v.(type) {
	case text:
		return v.Node
	case []text:
		if len(v) > 0 {
			return v[0].Node
		}
	}
	return nil
}

func (p *parser) delivery(k *deliveryKey) Delivery {
	d := Delivery{
		Name: k.Name.Value, Kind: k.Kind.Value, MinSeverity: p.oneOf(k.MinSeverity, "severity", severities), Always: p.boolean(k.Always),
		Path: k.Path.Value, URI: k.URI.Value, Profile: k.Profile.Value, Region: p.region(k.Region), EndpointURL: p.url(k.EndpointURL), PathStyle: p.boolean(k.PathStyle),
		KMSKey: k.KMSKey.Value, TopicARN: p.fits(k.TopicARN, topicForm, "topic", "write arn:aws:sns:eu-west-1:111122223333:name"), Account: p.accountID(k.Account),
		From: p.address(k.From), To: p.each(k.To, p.address), Host: k.Host.Value, User: k.User.Value, Port: p.number(k.Port, 65535), Place: p.place(k.At),
		TLS: p.oneOf(k.TLS, "kind of TLS", tlsKinds), URL: p.url(k.URL),
	}
	d.Formats = p.each(k.Formats, func(t text) string { return p.oneOf(t, "format", reportFormats) })
	d.Address = p.secret(k.URLEnv, k.URLFile)
	d.Password = p.secret(k.PasswordEnv, k.PasswordFile)
	d.Signing = p.secret(k.SecretEnv, k.SecretFile)
	d.Token = p.secret(k.TokenEnv, k.TokenFile)
	p.deliveryRules(k, &d)
	return d
}

// deliveryRules are those between keys.
func (p *parser) deliveryRules(k *deliveryKey, d *Delivery) {
	switch {
	case d.Kind == "slack" && k.URL.there():
		p.at(k.URL.Node, "the address of a Slack webhook is a secret", "write url_env: SLACK_URL, or url_file: and a file that holds it")
	case (d.Kind == "slack" || d.Kind == "webhook") && !k.URL.there() && !d.Address.IsSet():
		p.at(k.At, "no address to send to", "write url_env: and the name of a variable that holds it, or url_file:")
	case k.URL.there() && d.Address.IsSet():
		p.at(k.URL.Node, "two addresses", "write one of url, url_env and url_file")
	case d.Kind == "smtp" && (d.User != "") != d.Password.IsSet():
		p.at(k.At, "user and password go together", "write user: and password_env: or password_file:")
	case d.Kind == "smtp" && d.TLS == "none" && d.Password.IsSet():
		p.at(k.TLS.Node, "a password over a connection without TLS", "write tls: starttls or tls: implicit")
	case d.Kind == "s3" && !strings.HasPrefix(d.URI, "s3://") && k.URI.there():
		p.at(k.URI.Node, fmt.Sprintf("%s is no bucket", quoted(d.URI)), "write s3://bucket/prefix")
	}
}

func (p *parser) address(t text) string {
	if !t.there() {
		return ""
	}
	if _, err := mail.ParseAddress(t.Value); err != nil {
		p.at(t.Node, fmt.Sprintf("%s is no mail address", quoted(t.Value)), "write security@example.com")
	}
	return t.Value
}

func (p *parser) secret(env, file text) SecretRef {
	if env.there() && !envForm.MatchString(env.Value) { // which may be the secret itself, and is not repeated
		p.at(env.Node, "this is no name of a variable", "write the name of an environment variable that holds the secret, not the secret")
	}
	if env.there() && file.there() {
		p.at(file.Node, "the secret comes from two places", "name a variable or a file")
	}
	return SecretRef{env.Value, file.Value}
}
