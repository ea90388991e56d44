"""What is said of a request that can't be served: what is wrong, and what would be right."""

from registry_mirror.text import Text

WRITE = Text(zh="请改为：{line}", en="write {line}")
WRITE_WITH_TAG = Text(
    zh="写上需要的 tag，例如：{line}", en="add the tag that you need, such as {line}"
)
WRITE_WITH_TAG_BEFORE_DIGEST = Text(
    zh="在 @ 前面补上 tag（只用来给目标镜像命名，内容仍以 digest 为准）：{line}",
    en="put a tag before the @ (it only names the copy, the digest says what is copied): {line}",
)
WRITE_IMAGE = Text(
    zh="每行只写一个镜像，形如 nginx:1.27 或 quay.io/prometheus/node-exporter:v1.7.0",
    en="write one image a line, like nginx:1.27 or quay.io/prometheus/node-exporter:v1.7.0",
)
ONE_PER_LINE = Text(zh="拆成 {count} 行：{lines}", en="split it into {count} lines: {lines}")
DELETE_LINE = Text(
    zh="删掉这一行，只留镜像，每行一个", en="delete this line; keep only images, one a line"
)

MISSING_TAG = Text(zh="没有写 tag", en="it has no tag")
NOT_A_REFERENCE = Text(zh="不是合法的镜像地址", en="it isn't an image reference")
UPPERCASE = Text(zh="镜像名里不能有大写字母", en="an image's name has no capital letters")
NAME_TOO_LONG = Text(
    zh="镜像名超过了 {limit} 个字符", en="the image's name has more than {limit} characters"
)
SHORTEN_NAME = Text(
    zh="镜像名（不含仓库地址和 tag）最长 {limit} 个字符",
    en="a name without its host and tag has at most {limit} characters",
)
TAG_TOO_LONG = Text(zh="tag 超过了 {limit} 个字符", en="the tag has more than {limit} characters")
SHORTEN_TAG = Text(zh="tag 最长 {limit} 个字符", en="a tag has at most {limit} characters")
IMAGE_ID = Text(
    zh="这是镜像 ID 或 digest，没有镜像名", en="this is an image's id or digest without its name"
)
BAD_PORT = Text(
    zh="镜像地址里的 {port} 不是端口号", en="{port} in the registry's address is no port"
)
BAD_PORT_HINT = Text(
    zh="端口号是 1 到 65535，前面不加 0", en="a port is 1 to 65535, without a 0 before it"
)
BAD_DIGEST = Text(
    zh="@ 后面不是合法的 digest", en="what follows the @ is no digest that can be checked"
)
WRITE_DIGEST = Text(
    zh="digest 形如 sha256: 加 64 位小写十六进制数",
    en="a digest is sha256: and 64 hex digits in lowercase",
)
TAG_AFTER_AT = Text(
    zh="@ 后面只能跟 digest，tag 要写在冒号后面",
    en="only a digest follows an @; a tag follows a colon",
)
KEEP_ONE_TAG = Text(
    zh="只留一个 tag，写成 镜像名:tag", en="keep one of the two tags, written NAME:TAG"
)
STRANGE_LETTER = Text(
    zh="镜像地址里不能有字符 {letter}（{code_point}）",
    en="an image reference can't hold the character {letter} ({code_point})",
)
STRANGE_LETTER_HINT = Text(
    zh="只用英文字母、数字和 . _ - / : @ 重新输入这一行",
    en="type the line again with ASCII letters, digits and . _ - / : @ only",
)
CONTROL_CHARACTER = Text(
    zh="含有看不见的控制字符（{code_point}）",
    en="it holds an invisible control character ({code_point})",
)
CONTROL_CHARACTER_HINT = Text(
    zh="删掉这一行，重新手工输入", en="delete the line and type it again by hand"
)
LINE_TOO_LONG = Text(
    zh="这一行超过了 {limit} 个字符", en="the line has more than {limit} characters"
)
SEVERAL_IMAGES = Text(zh="一行里写了多个镜像", en="there are several images on the line")
UNEXPECTED_WORD = Text(
    zh="镜像后面只能跟选项，不能是 {word}", en="only options may follow the image, not {word}"
)
EXTRA_WORDS = Text(zh="除了镜像还有别的文字", en="there is more on the line than an image")
PLATFORM_WORD = Text(zh="平台要用 --platform 来写", en="a platform is asked for with --platform")
PLATFORM_ALONE = Text(
    zh="这是平台，不是镜像；要用 --platform 写在镜像后面",
    en="this is a platform, no image; it follows its image after --platform",
)
TAG_ALONE = Text(zh="只有 tag，没有镜像名", en="this is a tag without an image's name")
HOST_ALONE = Text(zh="只有主机名，没有镜像名", en="this is a host without an image's name")
OPTION_WITHOUT_IMAGE = Text(zh="只有选项，没有镜像", en="there are options but no image")
NOT_A_LIST = Text(zh="这一行不是镜像", en="this line is no image")

# What people paste. None of it is taken silently: nobody shall get an image that they didn't type.
FULL_WIDTH = Text(
    zh="含有全角字符或中文标点", en="it has full-width characters or Chinese punctuation"
)
SPECIAL_SPACE = Text(
    zh="含有全角空格或其他特殊空格", en="one of its spaces is full-width or otherwise special"
)
TRAILING_PUNCTUATION = Text(zh="行尾多了标点", en="there is punctuation at the end of the line")
BULLET = Text(zh="行首有列表符号或序号", en="the line begins with a bullet or a number")
LEADING_DASH = Text(zh="行首多了 -", en="the line begins with a dash")
QUOTES = Text(zh="镜像外面有引号或反引号", en="there are quotes or back-ticks around the image")
JSON = Text(
    zh="这是 JSON 的写法；列表里每行写一个镜像",
    en="this is JSON; write one image a line",
)
YAML = Text(
    zh="列表里只写镜像，不写 image: 之类的键（完整的清单才按 YAML 读取）",
    en="a list has images alone, without a key like image: (only a whole manifest is read as YAML)",
)
HUB_ALIAS = Text(zh="Docker Hub 的镜像用 docker.io 开头", en="Docker Hub's registry is docker.io")
COMMAND = Text(zh="这是一条命令，只写镜像即可", en="this is a command; only the image is wanted")
WEB_PAGE = Text(zh="这是网页地址，不是镜像地址", en="this is a web page's address, not an image's")
SCHEME = Text(zh="镜像地址前面不能有协议前缀", en="an image has no https:// or the like in front")
CREDENTIALS = Text(
    zh="镜像地址里带了用户名或密码，请尽快更换该密码",
    en="there are credentials in the reference; change that password soon",
)
OPTION_FIRST = Text(zh="镜像要写在选项前面", en="the image comes before its options")
SPACED_COLON = Text(
    zh="镜像名和 tag 之间要用冒号连接，不能有空格",
    en="a colon joins the name and the tag, without spaces",
)
SPACED_COMMA = Text(
    zh="平台之间的逗号后面不能有空格", en="no space follows the comma of a platform"
)
ARROW = Text(zh="要换名字请用 --as", en="to give the copy another name use --as")
PLACEHOLDER = Text(zh="模板里的占位符没有替换", en="a placeholder hasn't been replaced")
REPLACE_PLACEHOLDER = Text(
    zh="把 {placeholder} 换成实际的内容", en="write what is meant in place of {placeholder}"
)
FENCE = Text(zh="这是代码块标记，不是镜像", en="this is the mark of a code block, no image")

UNKNOWN_OPTION = Text(zh="没有 {option} 这个选项", en="there is no option {option}")
OPTIONS_THERE_ARE = Text(
    zh="可用的选项：--platform 系统/架构、--all、--as 名字[:tag]",
    en="the options are --platform OS/ARCH, --all and --as NAME[:TAG]",
)
DID_YOU_MEAN = Text(zh="是不是想写 {option}", en="did you mean {option}?")
NEEDS_VALUE = Text(zh="{option} 后面缺少值", en="{option} needs a value")
PLATFORM_EXAMPLE = Text(zh="例如：--platform linux/arm64", en="for example: --platform linux/arm64")
AS_EXAMPLE = Text(
    zh="例如：--as my-nginx 或 --as my-nginx:1.27", en="for example: --as my-nginx or my-nginx:1.27"
)
TAKES_NO_VALUE = Text(zh="{option} 后面不能有值", en="{option} takes no value")
WRITE_OPTION = Text(zh="请写成 {option}", en="write {option}")
GIVEN_TWICE = Text(zh="{option} 写了不止一次", en="{option} is given more than once")
KEEP_ONE = Text(zh="只留一个", en="keep one of them")
ALL_AND_PLATFORM = Text(
    zh="--all 和 --platform 不能同时使用", en="--all and --platform exclude each other"
)
ALL_AND_PLATFORM_HINT = Text(
    zh="要所有架构就只写 --all，只要某些架构就只写 --platform",
    en="keep --all for every platform, or --platform for some",
)
BAD_PLATFORM = Text(zh="{platform} 不是合法的平台", en="{platform} isn't a platform")
PLATFORM_HINT = Text(
    zh="写成 系统/架构[/变体]，例如 linux/amd64 或 linux/arm/v7，多个用逗号分开",
    en="write OS/ARCH[/VARIANT] like linux/amd64 or linux/arm/v7; commas between several",
)
BAD_AS = Text(zh="--as 后面的 {name} 不是合法的名字", en="{name} can't be the name that --as gives")
AS_HINT = Text(
    zh="名字用小写字母、数字和 . _ - /，tag 可省略，不带仓库地址和 digest，例如 --as my-nginx:1.27",
    en="a name has lowercase letters, digits and . _ - /, and perhaps a tag, but no registry and "
    "no digest: --as my-nginx:1.27",
)

AS_WITH_REGISTRY = Text(
    zh="--as 后面的 {name} 带了仓库地址", en="{name}, which --as gives, begins with a registry"
)
AS_WITHOUT_REGISTRY = Text(
    zh="名字总在目标仓库的命名空间下面，去掉仓库地址和命名空间，例如 {option}",
    en="the name always stands below the target's namespace: write it without registry and "
    "namespace, such as {option}",
)

EMPTY_REQUEST = Text(zh="镜像列表是空的", en="the list is empty")
EMPTY_REQUEST_HINT = Text(
    zh="至少写一个镜像，例如 {example}", en="write at least one image, such as {example}"
).fill(example="nginx:1.27")
OUTSIDE_THE_LIST = Text(
    zh="这一行不在镜像列表里，不会同步", en="this line stands outside the list of images"
)
OUTSIDE_THE_LIST_HINT = Text(
    zh="要同步就移到“{heading}”下面的列表里，不要就删掉",
    en="move it into the list below {heading}, or delete it",
)
UNCLOSED_COMMENT = Text(zh="HTML 注释 <!-- 没有结束", en="the HTML comment <!-- doesn't end")
UNCLOSED_COMMENT_HINT = Text(
    zh="删掉 <!-- 或者补上 -->", en="remove the <!-- or add the missing -->"
)
TOO_MANY_LINES = Text(
    zh="列表超过了 {limit} 行，后面的没有读",
    en="the list has more than {limit} lines; the rest wasn't read",
)
TOO_MANY_IMAGES = Text(
    zh="共 {count} 个镜像，超过了上限 {limit} 个",
    en="there are {count} images; the limit is {limit}",
)
TOO_MANY_IMAGES_HINT = Text(
    zh="分成几次提交，或者请维护者调大 MAX_IMAGES",
    en="split the list over several requests, or ask a maintainer to raise MAX_IMAGES",
)

SAME_TARGET = Text(
    zh="和第 {line} 行的 {image} 同步之后都叫 {target}",
    en="this line and line {line}, {image}, would both become {target}",
)
SAME_SOURCE = Text(
    zh="第 {line} 行已经写了 {image}，选项却不同，同步之后都叫 {target}",
    en="line {line} asks for {image} with other options, and both would become {target}",
)
ONTO_ITSELF = Text(
    zh="同步之后的名字 {target} 就是源镜像自己，会覆盖它",
    en="its copy, {target}, would overwrite the image that it is made of",
)
ONTO_ITSELF_HINT = Text(
    zh="它已经在目标仓库里，删掉这一行即可；想另存一份就加上 {option}",
    en="it is at the target already: delete this line, or write {option} for another copy of it",
)
GIVE_NAME = Text(
    zh="用 {option} 给其中一个换个名字，例如把这一行改为 {line}",
    en="give one of them another name with {option}: write {line}",
)
REPLACE_NAME = Text(
    zh="给其中一个换个名字，例如把这一行的 --as 换成 {option}，即 {line}",
    en="give one of them another name, for example with {option} on this line: {line}",
)
TARGET_TOO_LONG = Text(
    zh="同步之后的名字 {target} 超过了 {limit} 个字符",
    en="its name at the target, {target}, has more than {limit} characters",
)
SHORTER_NAME = Text(
    zh="用 --as 换个短一点的名字，例如 {option}",
    en="give it a shorter name with --as, like {option}",
)

OPTIONS_IN_MANIFEST = Text(
    zh="清单里的镜像后面不能写选项", en="no options follow an image of a manifest"
)
OPTIONS_IN_MANIFEST_HINT = Text(
    zh="去掉选项；要用选项就不要粘贴清单，改为每行列出一个镜像，例如 {line}",
    en="take the options away, or list the images, one a line, instead of a manifest: {line}",
)
UNRENDERED = Text(zh="这是没有渲染的模板", en="this is a template that wasn't rendered")
UNRENDERED_HINT = Text(
    zh="请粘贴 {command} 的输出，或者直接写镜像", en="paste the output of {command}, or the image"
).fill(command="helm template")
VARIABLE = Text(
    zh="变量 {variable} 没有默认值，无法确定是哪个镜像",
    en="the variable {variable} has no default, so the image isn't known",
)
VARIABLE_HINT = Text(
    zh="把变量换成实际的值，或者粘贴 {command} 的输出",
    en="write its value, or paste the output of {command}",
).fill(command="docker compose config")
NO_IMAGE_IN_MANIFEST = Text(zh="粘贴的清单里没有 image 字段", en="the pasted manifest has no image")
NO_IMAGE_IN_MANIFEST_HINT = Text(
    zh="清单里要有 {key} 字段；也可以直接列出镜像，每行一个，例如 nginx:1.27",
    en="images stand at the key {key}; or list them, one a line, such as nginx:1.27",
).fill(key="image:")
NOT_TEXT = Text(zh="image 后面不是一个镜像地址", en="what stands at image is no image reference")
BETWEEN_MANIFESTS = Text(
    zh="这一行不属于粘贴的清单", en="this line is no part of the pasted manifest"
)
BETWEEN_MANIFESTS_HINT = Text(
    zh="清单和列表不能混写：删掉这一行，或者把它写成 {line}",
    en="a manifest and a list don't mix: delete the line, or write it as {line}",
)
