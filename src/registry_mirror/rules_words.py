"""What is said of the file that a repository keeps its rules in, and of a list that breaks them."""

from registry_mirror.text import Text

TOO_LARGE = Text(
    zh="文件超过了 {limit} 字节，没有读取",
    en="the file has more than {limit} bytes and wasn't read",
)
TOO_LARGE_HINT = Text(
    zh="用 * 和 ** 合并一些规则", en="let * and ** stand for several of its patterns"
)
NOT_UTF8 = Text(zh="文件不是 UTF-8 编码", en="the file isn't written in UTF-8")
NOT_UTF8_HINT = Text(zh="另存为 UTF-8 编码", en="save it as UTF-8")
YAML_HINT = Text(
    zh="这一行改好之前，所有请求都不会执行；可以对照 README 里的例子",
    en="no request is served until this line is right; README has an example",
)
SECOND_DOCUMENT = Text(zh="文件里有多个 YAML 文档", en="the file holds more than one YAML document")
SECOND_DOCUMENT_HINT = Text(
    zh="删掉 ---，合并成一个", en="delete the --- and make one document of them"
)

NOT_A_MAPPING = Text(zh="{key} 下面应该是“键: 值”", en="{key} holds keys with values")
NOT_A_MAPPING_HINT = Text(zh="可用的键：{keys}", en="the keys are {keys}")
THE_FILE = "limits / sources"
UNKNOWN_KEY = Text(zh="没有 {key} 这个键", en="there is no key {key}")
NEAREST_KEY = Text(zh="是不是想写 {near}", en="did you mean {near}?")
KEY_BELONGS = Text(zh="{key} 要写在 {section} 下面", en="{key} belongs below {section}")
DUPLICATE_KEY = Text(
    zh="{key} 写了不止一次（第 {line} 行已经有了）",
    en="{key} stands here again; line {line} has it already",
)
DUPLICATE_KEY_HINT = Text(zh="合并成一个", en="keep one of them")

NOT_A_NUMBER = Text(
    zh="{key} 应该是 {low} 到 {high} 之间的整数", en="{key} is a whole number from {low} to {high}"
)
NUMBER_HINT = Text(
    zh="例如 {example}；不要限制就删掉这一行",
    en="such as {example}; without a limit delete the line",
)
NOT_A_SIZE = Text(
    zh="{key} 应该是大于 0 的大小：整数，后面可以跟单位",
    en="{key} is a size above 0: a whole number, and a unit if need be",
)
SIZE_HINT = Text(
    zh="例如 {example}（单位：KiB、MiB、GiB、TiB、KB、MB、GB、TB，不写就是字节）",
    en="such as {example} (units: KiB, MiB, GiB, TiB, KB, MB, GB, TB; bytes without one)",
)
NOT_A_LIST = Text(zh="{key} 应该是一个列表", en="{key} is a list")
LIST_HINT = Text(
    zh="例如 {example}，或者每行一个，前面加 -",
    en="such as {example}, or one a line, each after a -",
)

EMPTY_PATTERN = Text(zh="规则是空的", en="the pattern is empty")
BAD_PATTERN = Text(zh="不是合法的规则", en="it isn't a pattern of sources")
BAD_PATTERN_HINT = Text(
    zh="写成 仓库地址/路径，例如 {flat} 或 {deep}",
    en="write host/path, such as {flat} or {deep}",
).fill(flat="docker.io/library/*", deep="quay.io/prometheus/**")
PATTERN_NOT_TEXT = Text(
    zh="列表里的每一项都应该是一条规则", en="each entry of the list is one pattern"
)
ABOUT_PATTERN = Text(zh="{key} 里的 {pattern}：", en="{pattern} in {key}: ")
WRITE_PATTERN = Text(zh="请改为：{pattern}", en="write: {pattern}")
PATTERN_TOO_LONG = Text(
    zh="规则超过了 {limit} 个字符", en="the pattern has more than {limit} characters"
)
PATTERN_TOO_LONG_HINT = Text(
    zh="规则最长 {limit} 个字符", en="a pattern has at most {limit} characters"
)
PATTERN_WITH_SCHEME = Text(zh="规则前面不能有协议前缀", en="a pattern doesn't begin with a scheme")
PATTERN_WITH_TAG = Text(
    zh="规则里不能有 tag 或 digest，它管的是整个镜像",
    en="a pattern has no tag and no digest: it is about every tag",
)
PATTERN_IN_UPPERCASE = Text(
    zh="镜像名里没有大写字母，这条规则什么也匹配不到",
    en="no image's name has an uppercase letter, so it would match nothing",
)
STARS_WITHIN_PART = Text(
    zh="** 要单独占一级路径", en="** is a part of the path by itself, between slashes"
)
STARS_WITHIN_PART_HINT = Text(
    zh="只代表一级路径里的一部分就用一个 *，例如 {example}",
    en="within a part write one *, as in {example}",
).fill(example="quay.io/prometheus/node-*")
WILDCARD_HOST = Text(
    zh="规则要以明确的仓库地址开头，仓库地址里不能有 *",
    en="a pattern begins with a host, and a host has no *",
)
WILDCARD_HOST_HINT = Text(
    zh="每个仓库写一条，例如 docker.io 和 quay.io；要允许所有来源，就不写 allow",
    en="write a pattern for each host, such as docker.io and quay.io; to allow every source leave "
    "allow out",
)
HOST_OF_ONE_WORD = Text(
    zh="看不出是带端口的仓库地址，还是带 tag 的镜像",
    en="this may be a host with its port, or an image with its tag",
)
HOST_OF_ONE_WORD_HINT = Text(
    zh="仓库就写 {host}，Docker Hub 的镜像就写 {image}",
    en="for the host write {host}, for Docker Hub's image {image}",
)

DENIED = Text(
    zh="这里不同步 {image}：{file} 的规则 {pattern}（deny）禁止了它",
    en="{image} isn't mirrored here: the pattern {pattern} in {file} denies it",
)
DENIED_HINT = Text(
    zh="换一个来源，或者请维护者修改 {file}",
    en="take another source, or ask the maintainers to change {file}",
)
NOT_ALLOWED = Text(
    zh="这里不同步 {image}：它不在 {file} 允许的来源（allow）里",
    en="{image} isn't mirrored here: {file} doesn't list it among the sources it allows",
)
NOT_ALLOWED_HINT = Text(
    zh="允许的来源：{patterns}；需要别的来源请联系维护者",
    en="allowed are {patterns}; ask the maintainers for more",
)
TOO_MANY_IMAGES_HINT = Text(
    zh="分成几次提交，或者请维护者调大 {file} 里的 {key}",
    en="split the list over several requests, or ask the maintainers to raise {key} in {file}",
)
DAILY_LIMIT = Text(
    zh="24 小时内已经提交了 {before} 个镜像，加上这次的 {now} 个，超过了每人每天 {limit} 个的上限",
    en="with {before} images asked for in the last 24 hours these {now} are more than the {limit} "
    "that one person may ask for in a day",
)
DAILY_LIMIT_HINT = Text(
    zh="减少这次的镜像，或者明天再提交；也可以请维护者调大 {file} 里的 {key}",
    en="ask for fewer or wait until tomorrow, or ask the maintainers to raise {key} in {file}",
)
DAY_UNCOUNTED = Text(
    zh="本仓库 24 小时内的评论太多，数不清谁已经提交了多少个镜像",
    en="this repository has had too many comments in the last 24 hours to count a day's images",
)
DAY_UNCOUNTED_HINT = Text(
    zh="等评论少下来之后，再评论 `/retry`",
    en="comment `/retry` later, when there are fewer comments",
)
