package orgsim

import "strings"

// failure appends error code and message.
func (c *composer) failure(b []byte, f *Fault) []byte {
	code := f.Code
	if code == "" {
		code = "AccessDenied"
		if c.ev.call.api.service == "ec2" {
			code = "Client.UnauthorizedOperation"
		}
	}
	b = append(append(b, `,"errorCode":"`...), code...)
	b = append(b, `","errorMessage":"`...)
	c.refusal(f)
	if f.Message != "" {
		b = c.expandText(b, f.Message)
	} else {
		b = c.denial(b, f)
	}
	return append(b, '"')
}

// refusal settles which action on which resource was refused.
func (c *composer) refusal(f *Fault) {
	c.action, c.refused = c.ev.call.api.action, append(c.refused[:0], c.arn...)
	if f.Action != "" {
		c.action = f.Action
	}
	if f.Resource != "" {
		c.refused = c.expandText(c.refused[:0], f.Resource)
	}
}

// expandText expands a template that is not compiled: faults are few.
func (c *composer) expandText(b []byte, text string) []byte {
	t, err := parse(text)
	if err != nil {
		return append(b, text...)
	}
	return c.expand(b, t)
}

// denial appends the sentence that AWS writes (IAM user guide, "Troubleshoot
// access denied error messages", with the policy ARNs of 2026).
func (c *composer) denial(b []byte, f *Fault) []byte {
	service := c.ev.call.api.service
	if service == "ec2" {
		b = append(b, "You are not authorized to perform this operation. "...)
	}
	b = append(append(b, "User: "...), c.ev.by.arn...)
	b = append(append(b, " is not authorized to perform: "...), c.action...)
	b = c.onResource(b)
	b = c.because(b, f)
	if service == "ec2" && c.ev.call.api.flags&read == 0 {
		b = c.r.digits(append(b, ". Encoded authorization failure message: "...), base64Digits, 300)
	}
	return b
}

// onResource names the resource as the service does.
func (c *composer) onResource(b []byte) []byte {
	arn := string(c.refused)
	switch {
	case arn == "*":
		return b
	case strings.HasPrefix(c.action, "s3:"):
		return append(b, ` on resource: \"`+arn+`\"`...)
	case strings.HasPrefix(c.action, "iam:") && c.action != "iam:PassRole" && strings.Contains(arn, "/") && !strings.HasSuffix(arn, "/"):
		kind, name, _ := strings.Cut(arn[strings.LastIndex(arn, ":")+1:], "/")
		return append(b, " on resource: "+kind+" "+name...)
	}
	return append(b, " on resource: "+arn...)
}

func (c *composer) because(b []byte, f *Fault) []byte {
	switch {
	case f.Layer == "":
		return b
	case !f.Explicit:
		return append(b, " because no "+f.Layer+" allows the "+c.action+" action"...)
	}
	article := "a "
	if strings.HasPrefix(f.Layer, "identity") {
		article = "an "
	}
	b = append(b, " with an explicit deny in "+article+f.Layer...)
	if f.Policy == "" {
		return b
	}
	if strings.HasPrefix(c.action, "s3:") {
		b = append(b, ", with policy ARN: "...)
	} else {
		b = append(b, ": "...)
	}
	return c.expandText(b, f.Policy)
}
