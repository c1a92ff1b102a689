package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/rules"
)

// The bounds of an expression: its length in characters, the depth of its
// parentheses, the size of a regular expression's program, and what one row
// may cost, in CEL's units (about one a step; a hundred thousand names
// compared with a short text cost less).
const (
	maxExpression = 8 << 10
	maxDepth      = 60
	maxRegexp     = 5000
	maxCost       = 1_000_000
)

// environment is what the expressions of one kind of rule may say.
type environment struct {
	*cel.Env
	names []string // of variables, fields and functions, for hints
}

// environments are made once for each kind of row, when a rule asks for it.
type environments map[rules.RowKind]*environment

// rowTypes are the Go types behind the variables.
var rowTypes = map[rules.RowKind]reflect.Type{
	rules.PrincipalRows:  reflect.TypeFor[rules.PrincipalRow](),
	rules.DenialRows:     reflect.TypeFor[rules.DenialRow](),
	rules.ChangeRows:     reflect.TypeFor[rules.ChangeRow](),
	rules.CredentialRows: reflect.TypeFor[rules.CredentialRow](),
}

func (es environments) of(kind rules.RowKind) *environment {
	if es[kind] == nil {
		es[kind] = newEnvironment(kind)
	}
	return es[kind]
}

// newEnvironment has the variables principal, as_of, window_days, and the row
// itself by the name of its kind.
func newEnvironment(kind rules.RowKind) *environment {
	principal, row := rowTypes[rules.PrincipalRows], rowTypes[kind]
	e := &environment{names: []string{"principal", "as_of", "window_days", "glob", "cidr", "ip", "exists", "all", "size", "matches", "contains", "startsWith", "endsWith"}}
	e.names = append(e.names, keysOf(principal)...)
	options := []cel.EnvOption{
		ext.NativeTypes(principal, row, ext.ParseStructTags(true)),
		cel.Variable("principal", cel.ObjectType(principal.String())),
		cel.Variable("as_of", cel.TimestampType), cel.Variable("window_days", cel.IntType),
		cel.Function("glob", cel.Overload("glob_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType, cel.BinaryBinding(glob))),
		ext.Strings(), ext.Network(), cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(maxExpression), cel.ParserRecursionLimit(maxDepth), cel.RegexProgramSizeLimit(maxRegexp),
	}
	if row != principal {
		e.names = append(append(e.names, string(kind)), keysOf(row)...)
		options = append(options, cel.Variable(string(kind), cel.ObjectType(row.String())))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		// Nothing of the user's is in it: a test makes each one.
		panic(fmt.Sprintf("the CEL environment for %s: %v", kind, err))
	}
	e.Env = env
	return e
}

// glob is glob(text, pattern): * and ? wild, case ignored, as in the patterns of exceptions.
func glob(text, pattern ref.Val) ref.Val {
	s, ok := text.Value().(string)
	p, ok2 := pattern.Value().(string)
	if !ok || !ok2 {
		return types.NewErr("glob compares texts")
	}
	return types.Bool(iam.MatchAction(p, s))
}

// program is an expression, ready to run. It keeps no state: rows may be
// asked in any order and at the same time.
type program struct {
	cel.Program
	texts []string
}

func (p *program) run(r *rules.Row) (ref.Val, error) {
	v, _, err := p.Eval(variables(r))
	if err != nil {
		return nil, failure(err)
	}
	return v, nil
}

// failure is why a row was not judged, with what would help.
func failure(err error) error {
	text := strings.TrimPrefix(err.Error(), "operation cancelled: ")
	switch key, ok := strings.CutPrefix(text, "no such key: "); {
	case ok:
		text += fmt.Sprintf(" (ask %q in … first)", key)
	case strings.Contains(text, "index out of bounds"):
		text += " (ask size() > … first)"
	}
	return errors.New(text)
}

func variables(r *rules.Row) map[string]any {
	m := map[string]any{"principal": r.Principal, "as_of": r.AsOf, "window_days": r.WindowDays}
	if r.Denial != nil {
		m["denial"] = r.Denial
	}
	if r.Change != nil {
		m["change"] = r.Change
	}
	if r.Credential != nil {
		m["credential"] = r.Credential
	}
	return m
}

func (p *program) holds(r *rules.Row) (bool, error) {
	v, err := p.run(r)
	if err != nil {
		return false, err
	}
	b, ok := v.Value().(bool)
	if !ok {
		return false, fmt.Errorf("the condition is a %s", v.Type().TypeName())
	}
	return b, nil
}

// shown is a value as a sentence has it.
func shown(v ref.Val) string {
	switch x := v.Value().(type) {
	case string:
		return x
	case time.Time:
		return x.UTC().Format("2006-01-02 15:04")
	case []string:
		return joined(x)
	case map[string]string:
		var list []string
		for _, k := range slices.Sorted(maps.Keys(x)) {
			list = append(list, k+"="+x[k])
		}
		return joined(list)
	case []ref.Val:
		var list []string
		for _, e := range x {
			list = append(list, shown(e))
		}
		return joined(list)
	default:
		return fmt.Sprint(x)
	}
}

// joined lists the first five.
func joined(list []string) string {
	if len(list) > 5 {
		return strings.Join(list[:5], ", ") + fmt.Sprintf(" and %d more", len(list)-5)
	}
	return strings.Join(list, ", ")
}
