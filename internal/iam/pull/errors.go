package pull

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// callError is a failed call.
type callError struct {
	action string // the IAM action
	denied bool
	reason string
	err    error
}

func (e *callError) Error() string { return e.action + ": " + e.reason }

func (e *callError) Unwrap() error { return e.err }

// failed judges the error of a call.
func failed(ctx context.Context, action string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	code := codeOf(err)
	denied := strings.Contains(code, "AccessDenied") || strings.Contains(code, "Unauthorized") || code == "AuthorizationError"
	return &callError{action, denied, reason(err), err}
}

// plain is an error in few words.
func plain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &callError{"sts:GetCallerIdentity", false, reason(err), err}
}

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// reason says what went wrong in one line: AWS's own words, or that the
// answer is not AWS's, as the page of a proxy.
func reason(err error) string {
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	var undecoded *smithy.DeserializationError
	status := ""
	if errors.As(err, &response) {
		status = fmt.Sprintf("HTTP %d", response.HTTPStatusCode())
	}
	switch {
	case errors.As(err, &undecoded), errors.As(err, &api) && (api.ErrorCode() == "UnknownError" || api.ErrorCode() == ""):
		return strings.TrimSpace("the answer is not AWS's, perhaps a proxy's page " + bracketed(status))
	case errors.As(err, &api):
		return strings.TrimSuffix(oneLine(api.ErrorCode()+": "+api.ErrorMessage()), ": ")
	}
	return lastCause(err)
}

func bracketed(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

// lastCause is the innermost of a chain of errors, in one line.
func lastCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil || inner.Error() == "" {
			return oneLine(err.Error())
		}
		err = inner
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
